using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Hashing;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

/// <param name="Content">The chunks in order.</param>
/// <param name="Checksum">CRC-32C of all bytes, for the manifest.</param>
/// <param name="DamagedBlocks">Blocks, counted from the file's start, whose checksum is wrong.</param>
internal sealed record RelationContent(
    IReadOnlyList<BlobId> Content,
    long LengthBytes,
    uint Checksum,
    IReadOnlyList<uint> DamagedBlocks
);

/// <summary>Reads one relation file after the other: checks its pages, cuts it into chunks, stores the new ones. Not thread-safe.</summary>
internal sealed class RelationReader(ContentLane lane, int chunkBytes, IWorkProgress progress)
{
    private const int BlocksPerSegment = (1 << 30) / RelationChunks.PageBytes;
    private const int MostTries = 5;

    private readonly byte[] _buffer = new byte[PieceIds.AtOnce * chunkBytes];

    /// <param name="parent">The chunks that the file had in the parent.</param>
    /// <param name="verifyFrom">Pages changed since then may be torn, and replay writes them again; null: not checked.</param>
    /// <returns>Null when the file has vanished: dropped, and replay knows.</returns>
    public async Task<RelationContent?> ReadAsync(
        DataFile file,
        IReadOnlyList<BlobId> parent,
        Lsn? verifyFrom,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var handle = File.OpenHandle(file.Source, options: FileOptions.SequentialScan);
            var ids = new BlobId[file.Status.SizeBytes / chunkBytes + PieceIds.AtOnce];
            List<uint> damaged = [];
            var (at, checksum) = (0L, 0u);
            for (int length; (length = Fill(handle, at)) > 0; at += length)
            {
                if (verifyFrom is { } lsn)
                    Verify(handle, file, at, _buffer.AsSpan(0, length), lsn, damaged);
                checksum = Crc32C.Append(checksum, _buffer.AsSpan(0, length));
                var first = (int)(at / chunkBytes);
                if (ids.Length < first + PieceIds.AtOnce)
                    Array.Resize(ref ids, ids.Length * 2); // it grows while it is read
                await lane.StoreChunksAsync(
                    _buffer.AsMemory(0, length),
                    chunkBytes,
                    ids,
                    first,
                    parent,
                    cancellationToken
                );
                progress.Add(length);
                if (length < _buffer.Length)
                {
                    at += length;
                    break;
                }
            }
            ArraySegment<BlobId> content = new(ids, 0, (int)((at + chunkBytes - 1) / chunkBytes));
            return new RelationContent(content, at, checksum, damaged);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException e)
        {
            throw CaptureProblems.Unreadable(file.Source, e);
        }
    }

    private int Fill(Microsoft.Win32.SafeHandles.SafeFileHandle handle, long at)
    {
        var total = 0;
        while (total < _buffer.Length)
        {
            var read = RandomAccess.Read(handle, _buffer.AsSpan(total), at + total);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }

    /// <summary>A page that does not match is read again: we may have met the server while it was writing it.</summary>
    private static void Verify(
        Microsoft.Win32.SafeHandles.SafeFileHandle handle,
        DataFile file,
        long at,
        Span<byte> bytes,
        Lsn verifyFrom,
        List<uint> damaged
    )
    {
        var firstBlock = (uint)(at / RelationChunks.PageBytes);
        var segment = BackupRules.TryParseRelation(file.Name, out var relation) ? relation.Segment : 0;
        for (var offset = 0; offset + RelationChunks.PageBytes <= bytes.Length; offset += RelationChunks.PageBytes)
        {
            var page = bytes.Slice(offset, RelationChunks.PageBytes);
            var block = firstBlock + (uint)(offset / RelationChunks.PageBytes);
            for (var attempt = 1; !IsGood(page, segment * BlocksPerSegment + block, verifyFrom); attempt++)
            {
                if (attempt == MostTries)
                {
                    damaged.Add(block);
                    break;
                }
                RandomAccess.Read(handle, page, at + offset);
            }
        }
    }

    private static bool IsGood(ReadOnlySpan<byte> page, uint block, Lsn verifyFrom) =>
        PageChecksum.PageLsn(page) >= verifyFrom || PageChecksum.Verify(page, block);
}
