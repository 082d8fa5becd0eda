using System.Buffers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Hashing;
using Resurgam.Core.Vaults.Index;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>Brings the contents of files back: plans the reads by pack, fetches, opens, verifies, writes.</summary>
/// <remarks>
/// Files go in batches of a bounded number of chunks, a large one in several, so memory does not grow with the snapshot. A
/// damaged or missing chunk hurts the files that contain it and no other: it is named in <see cref="Damage"/> and the rest
/// goes on.
/// </remarks>
public sealed class SnapshotRestorer(Repository repository, VaultHost host, IWorkProgress progress) : IDisposable
{
    /// <summary>One read of the store: large enough for its latency, small enough to spread over workers.</summary>
    private const int MostBytesPerRead = 2 << 20;

    /// <summary>Bytes we rather read in vain than start another read.</summary>
    private const int MostGapBytes = 64 << 10;

    private readonly BlobReader _blobs = new(repository, host.Entropy);
    private readonly Lock _gate = new();
    private readonly SortedSet<string> _damage = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _changed = new(StringComparer.Ordinal);
    private long _bytesWritten;

    /// <summary>Nothing is fetched or written: <see cref="Changed"/> and <see cref="BytesWritten"/> tell what would be.</summary>
    public bool OnlyCompares { get; init; }

    /// <summary>Of a comparison: the paths of files whose content would be written, in full or in part.</summary>
    public IReadOnlyCollection<string> Changed => _changed;

    /// <summary>2 MB of them, of 2 GB of a database's files.</summary>
    internal int MostPiecesPerBatch { get; init; } = 1 << 15;

    /// <summary>What could not be restored and why, in words, sorted.</summary>
    public IReadOnlyCollection<string> Damage => _damage;

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <param name="files">Regular files; numbers given to <paramref name="target"/> are positions in this list.</param>
    public async Task RestoreAsync(
        IReadOnlyList<FileEntry> files,
        ContentLists contents,
        IRestoreTarget target,
        CancellationToken cancellationToken
    )
    {
        List<Part> batch = [];
        var pieces = 0;
        foreach (var part in files.SelectMany(Cut))
        {
            if (pieces > 0 && pieces + part.Content.Count > MostPiecesPerBatch)
            {
                await RestoreBatchAsync(files, batch, contents, target, cancellationToken);
                (batch, pieces) = ([], 0);
            }
            batch.Add(part);
            pieces += part.Content.Count;
        }
        await RestoreBatchAsync(files, batch, contents, target, cancellationToken);
    }

    public void Dispose() => _blobs.Dispose();

    /// <summary>Parts that fit into a batch each: never are two of one file in the same.</summary>
    private IEnumerable<Part> Cut(FileEntry entry, int file)
    {
        FileState state = new();
        var first = 0;
        do
        {
            var count = Math.Min(MostPiecesPerBatch, entry.Content.Count - first);
            var isLast = first + count == entry.Content.Count;
            yield return new Part(file, entry.Content.Slice(first, count), state, isLast);
            first += count;
        } while (first < entry.Content.Count);
    }

    private async Task RestoreBatchAsync(
        IReadOnlyList<FileEntry> files,
        List<Part> batch,
        ContentLists contents,
        IRestoreTarget target,
        CancellationToken cancellationToken
    )
    {
        PieceTable pieces = new(batch.Sum(part => part.Content.Count));
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = host.Workers,
            CancellationToken = cancellationToken,
        };
        // Large ones first, so that the workers end together.
        await Parallel.ForEachAsync(
            batch.OrderByDescending(part => part.Content.Count),
            parallel,
            (part, token) =>
            {
                FindPieces(files[part.File], part, contents, target, pieces, token);
                return ValueTask.CompletedTask;
            }
        );
        if (OnlyCompares)
        {
            foreach (var piece in pieces.Sort())
            {
                _bytesWritten += piece.Location.ContentLength;
                _changed.Add(files[piece.File].Path);
            }
            return;
        }
        await Parallel.ForEachAsync(
            Reads(pieces.Sort()),
            parallel,
            (read, token) => RestoreReadAsync(read, files, target, token)
        );
        foreach (var part in batch)
            if (part.IsLast)
                target.Complete(part.File);
    }

    /// <summary>Adds the chunks that have to be fetched: all, or those that differ from what is there.</summary>
    private void FindPieces(
        FileEntry entry,
        Part part,
        ContentLists contents,
        IRestoreTarget target,
        PieceTable pieces,
        CancellationToken cancellationToken
    )
    {
        var (file, content, state, isLast) = part;
        state.Begin(target, file);
        if (state.IsBroken)
            return;
        using var there = state.IsThere ? new Window(target, file) : null;
        foreach (var id in contents.Read(content))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (repository.Index.Find(id) is not { } location)
            {
                AddDamage(entry.Path, $"blob {id.Short} is in no pack");
                state.IsBroken = true; // where the next one begins is not known
                return;
            }
            var length = location.ContentLength;
            if (there is not null && BlobId.Of(there.At(state.At, length)) == id)
                progress.Add(length);
            else
                pieces.Add(new Piece(id, location, file, state.At));
            state.At += length;
        }
        if (isLast && state.At != entry.Node.SizeBytes)
            AddDamage(entry.Path, $"its chunks are {state.At} bytes, its length is {entry.Node.SizeBytes}");
    }

    /// <summary>Neighbours in a pack are read together.</summary>
    private static IEnumerable<ArraySegment<Piece>> Reads(ArraySegment<Piece> pieces)
    {
        for (var first = 0; first < pieces.Count; )
        {
            var last = first;
            while (last + 1 < pieces.Count && BelongsTo(pieces[first], pieces[last], pieces[last + 1]))
                last++;
            yield return pieces.Slice(first, last - first + 1);
            first = last + 1;
        }
    }

    private static bool BelongsTo(Piece first, Piece last, Piece next) =>
        next.Location.Pack == first.Location.Pack
        && (long)next.Location.Offset - (last.Location.Offset + last.Location.Length) <= MostGapBytes
        && (long)next.Location.Offset + next.Location.Length - first.Location.Offset <= MostBytesPerRead;

    private async ValueTask RestoreReadAsync(
        ArraySegment<Piece> pieces,
        IReadOnlyList<FileEntry> files,
        IRestoreTarget target,
        CancellationToken cancellationToken
    )
    {
        var start = pieces[0].Location.Offset;
        var length = (int)(pieces[^1].Location.Offset + pieces[^1].Location.Length - start);
        var sealedBytes = ArrayPool<byte>.Shared.Rent(length);
        var key = repository.KeyOf(FileKind.Pack, repository.Index.PackAt(pieces[0].Location.Pack));
        var read = await repository.Store.ReadAsync(key, start, sealedBytes.AsMemory(0, length), cancellationToken);
        WritePieces(pieces, sealedBytes.AsSpan(0, Math.Max(read, 0)), start, key, files, target);
        ArrayPool<byte>.Shared.Return(sealedBytes);
    }

    private void WritePieces(
        ArraySegment<Piece> pieces,
        ReadOnlySpan<byte> sealedBytes,
        uint start,
        string key,
        IReadOnlyList<FileEntry> files,
        IRestoreTarget target
    )
    {
        var codec = _blobs.Rent();
        using var writer = target.OpenWriter();
        for (var first = 0; first < pieces.Count; )
        {
            var (count, blobs) = CountAlike(pieces, first);
            var group = pieces.Slice(first, count);
            var plain = ArrayPool<byte>.Shared.Rent(blobs * group[0].Location.ContentLength);
            var wrong = Open(codec, group, blobs, sealedBytes, start, plain);
            foreach (var piece in group)
            {
                progress.Add(piece.Location.ContentLength);
                if (wrong.TryGetValue(piece.Id, out var how))
                    AddDamage(files[piece.File].Path, $"blob {piece.Id.Short} in {key}: {how}");
            }
            Write(writer, group, wrong, plain);
            ArrayPool<byte>.Shared.Return(plain);
            first += count;
        }
        _blobs.Return(codec);
    }

    /// <summary>How many pieces from <paramref name="first"/> on have blobs of one length, which are hashed together; and how many blobs these are.</summary>
    private static (int Pieces, int Blobs) CountAlike(ArraySegment<Piece> pieces, int first)
    {
        var length = pieces[first].Location.ContentLength;
        var most = length <= PieceIds.MostBytesTogether ? PieceIds.AtOnce : 1;
        var (count, blobs) = (1, 1);
        for (; first + count < pieces.Count; count++)
        {
            if (pieces[first + count].Id == pieces[first + count - 1].Id)
                continue; // the same chunk in several places is opened once
            if (blobs == most || pieces[first + count].Location.ContentLength != length)
                break;
            blobs++;
        }
        return (count, blobs);
    }

    /// <summary>Opens the blobs of pieces of one length, each once, side by side.</summary>
    /// <returns>What is wrong with those that are not as they were stored.</returns>
    private static Dictionary<BlobId, string> Open(
        BlobCodec codec,
        ArraySegment<Piece> group,
        int blobs,
        ReadOnlySpan<byte> sealedBytes,
        uint start,
        Span<byte> plain
    )
    {
        var entries = new PackEntry[blobs];
        var count = 0;
        foreach (var (id, location, _, _) in group)
            if (count == 0 || id != entries[count - 1].Id)
                entries[count++] = new PackEntry(
                    id,
                    location.Type,
                    location.Offset,
                    location.Length,
                    location.PlainLength
                );
        var how = new string?[blobs];
        codec.OpenAlike(sealedBytes, start, entries, plain[..(blobs * entries[0].ContentLength)], how);
        Dictionary<BlobId, string> wrong = [];
        for (var i = 0; i < blobs; i++)
            if (how[i] is { } fault)
                wrong[entries[i].Id] = fault;
        return wrong;
    }

    /// <summary>What lies side by side in its file too is written at once.</summary>
    private void Write(
        IRestoreWriter writer,
        ArraySegment<Piece> group,
        Dictionary<BlobId, string> wrong,
        ReadOnlySpan<byte> plain
    )
    {
        var length = group[0].Location.ContentLength;
        var (first, slot) = (0, 0);
        for (var i = 0; i < group.Count; i++)
        {
            if (i + 1 < group.Count && IsContinued(group[i], group[i + 1]))
                continue;
            var count = i + 1 - first;
            if (wrong.Count == 0 || !wrong.ContainsKey(group[i].Id))
            {
                writer.Write(group[first].File, group[first].At, plain.Slice(slot * length, count * length));
                Interlocked.Add(ref _bytesWritten, (long)count * length);
            }
            if (i + 1 < group.Count)
                slot += group[i + 1].Id == group[i].Id ? count - 1 : count;
            first = i + 1;
        }

        bool IsContinued(in Piece piece, in Piece next) =>
            next.Id != piece.Id
            && next.File == piece.File
            && next.At == piece.At + length
            && (wrong.Count == 0 || (!wrong.ContainsKey(piece.Id) && !wrong.ContainsKey(next.Id)));
    }

    private void AddDamage(string path, string how)
    {
        lock (_gate)
            _damage.Add($"{path}: {how}");
    }

    /// <param name="At">Where in the file, in bytes.</param>
    private readonly record struct Piece(BlobId Id, BlobLocation Location, int File, long At);

    /// <param name="Content">A part of the file's, or all of it.</param>
    private sealed record Part(int File, ContentRange Content, FileState State, bool IsLast);

    /// <summary>How far a file has come; its parts follow one another.</summary>
    private sealed class FileState
    {
        private bool _isBegun;

        /// <summary>Something is there that is worth comparing.</summary>
        public bool IsThere { get; private set; }

        public bool IsBroken { get; set; }

        /// <summary>Where the next chunk begins, in bytes.</summary>
        public long At { get; set; }

        public void Begin(IRestoreTarget target, int file)
        {
            if (!_isBegun)
                IsThere = target.Begin(file);
            _isBegun = true;
        }
    }

    /// <summary>The pieces of a batch, in memory once. Several workers may add at once.</summary>
    private sealed class PieceTable(int capacity)
    {
        private readonly Piece[] _pieces = new Piece[capacity];
        private int _count;

        public void Add(in Piece piece) => _pieces[Interlocked.Increment(ref _count) - 1] = piece;

        /// <returns>In the order of packs.</returns>
        public ArraySegment<Piece> Sort()
        {
            _pieces
                .AsSpan(0, _count)
                .Sort(
                    static (a, b) =>
                        (a.Location.Pack, a.Location.Offset, a.File, a.At).CompareTo(
                            (b.Location.Pack, b.Location.Offset, b.File, b.At)
                        )
                );
            return new ArraySegment<Piece>(_pieces, 0, _count);
        }
    }

    /// <summary>What is there, read in large pieces from front to back.</summary>
    private sealed class Window(IRestoreTarget target, int file) : IDisposable
    {
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(MostBytesPerRead);
        private long _start;
        private int _length;

        /// <returns>Fewer bytes than asked for at the end of the file.</returns>
        public ReadOnlySpan<byte> At(long at, int length)
        {
            if (at + length > _start + _length)
            {
                if (_buffer.Length < length)
                {
                    Dispose();
                    _buffer = ArrayPool<byte>.Shared.Rent(length);
                }
                _start = at;
                _length = target.Read(file, at, _buffer);
            }
            var offset = (int)Math.Min(at - _start, _length);
            return _buffer.AsSpan(offset, Math.Min(length, _length - offset));
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
    }
}
