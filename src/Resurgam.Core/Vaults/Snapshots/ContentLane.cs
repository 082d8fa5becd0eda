using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Chunking;
using Resurgam.Core.Vaults.Hashing;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>Cuts contents into chunks and stores them. Not thread-safe: one for each worker.</summary>
public sealed class ContentLane : IDisposable
{
    private readonly BlobLane _lane;
    private readonly FastCdc _chunker;
    private byte[] _buffer = [];

    internal ContentLane(BlobLane lane, FastCdc chunker) => (_lane, _chunker) = (lane, chunker);

    /// <summary>Stores one chunk whose borders the caller chose.</summary>
    /// <param name="known">The chunk at the same place in the parent: when it is equal, nothing needs to be asked.</param>
    public async ValueTask<BlobId> StoreChunkAsync(
        ReadOnlyMemory<byte> chunk,
        BlobId? known,
        CancellationToken cancellationToken
    )
    {
        var id = BlobId.Of(chunk.Span);
        if (id != known)
            await _lane.StoreAsync(id, chunk, cancellationToken);
        return id;
    }

    /// <summary>Stores chunks of one length (the last may be shorter) that lie one behind the other.</summary>
    /// <param name="ids">Those of the whole file: from <paramref name="first"/> on one for each chunk is filled in.</param>
    /// <param name="first">Number of the first chunk in its file.</param>
    /// <param name="known">The chunks that the file had in the parent.</param>
    public async ValueTask StoreChunksAsync(
        ReadOnlyMemory<byte> chunks,
        int chunkBytes,
        BlobId[] ids,
        int first,
        IReadOnlyList<BlobId> known,
        CancellationToken cancellationToken
    )
    {
        PieceIds.Compute(chunks.Span, chunkBytes, ids.AsSpan(first));
        for (var (at, chunk) = (0, first); at < chunks.Length; at += chunkBytes, chunk++)
            if (chunk >= known.Count || ids[chunk] != known[chunk])
                await _lane.StoreAsync(
                    ids[chunk],
                    chunks.Slice(at, Math.Min(chunkBytes, chunks.Length - at)),
                    cancellationToken
                );
    }

    /// <summary>Cuts a stream by content and stores it; memory is two chunks, whatever the length.</summary>
    /// <returns>Ids of the chunks in order, and the number of bytes read.</returns>
    public async Task<(IReadOnlyList<BlobId> Ids, long LengthBytes)> StoreStreamAsync(
        Stream source,
        CancellationToken cancellationToken
    )
    {
        if (_buffer.Length == 0)
            _buffer = new byte[2 * FastCdc.MaxBytes];
        List<BlobId> ids = [];
        var (start, end, total) = (0, 0, 0L);
        for (var isAtEnd = false; ; )
        {
            while (!isAtEnd && end - start < FastCdc.MaxBytes)
            {
                if (start > 0)
                {
                    _buffer.AsSpan(start, end - start).CopyTo(_buffer);
                    (start, end) = (0, end - start);
                }
                var read = await source.ReadAsync(_buffer.AsMemory(end), cancellationToken);
                isAtEnd = read == 0;
                end += read;
                total += read;
            }
            if (start == end)
                return (ids, total);
            var length = _chunker.FirstChunkLength(_buffer.AsSpan(start, end - start));
            ids.Add(await StoreChunkAsync(_buffer.AsMemory(start, length), known: null, cancellationToken));
            start += length;
        }
    }

    /// <summary>Cuts bytes in memory by content and stores them.</summary>
    public async Task<IReadOnlyList<BlobId>> StoreBytesAsync(
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        List<BlobId> ids = [];
        while (!bytes.IsEmpty)
        {
            var length = _chunker.FirstChunkLength(bytes.Span);
            ids.Add(await StoreChunkAsync(bytes[..length], known: null, cancellationToken));
            bytes = bytes[length..];
        }
        return ids;
    }

    /// <summary>Hands the last pack over. Before <see cref="SnapshotWriter.CompleteAsync"/>.</summary>
    public void Flush() => _lane.Flush();

    public void Dispose() => _lane.Dispose();
}
