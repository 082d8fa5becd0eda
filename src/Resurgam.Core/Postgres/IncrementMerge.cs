using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Postgres;

/// <summary>What the parent holds of a file that comes as an increment.</summary>
/// <param name="Checksum">CRC-32C of the whole file; null: not known.</param>
public readonly record struct ParentFile(long LengthBytes, uint? Checksum);

/// <summary>Makes a whole file out of an increment and the parent's file, chunk by chunk, without reading what stays. Thread-safe.</summary>
/// <remarks>
/// The checksum of the whole is put together, too. CRC-32C is linear: taking the chunks that change or go out of the
/// parent's checksum leaves that of the chunks that stay between zeros, and the new chunks are added to it. Every chunk
/// from 0 to <see cref="EndChunk"/> has to be either <see cref="Keep"/>, or go through <see cref="Merge"/> once.
/// </remarks>
public sealed class IncrementMerge
{
    private readonly RelationIncrement _increment;
    private readonly ParentFile _parent;
    private readonly int _chunkBytes;
    private readonly bool _buildsOnParent;
    private readonly Lock _gate = new();
    private uint _gone;
    private uint _new;

    public IncrementMerge(RelationIncrement increment, ParentFile parent, int chunkBytes)
    {
        (_increment, _parent, _chunkBytes) = (increment, parent, chunkBytes);
        KeptBytes = Math.Min(parent.LengthBytes, (long)increment.TruncationBlocks * RelationChunks.PageBytes);
        // Where more goes than stays, it is less work to read what stays.
        _buildsOnParent = parent.Checksum is not null && parent.LengthBytes - KeptBytes <= KeptBytes;
    }

    public long LengthBytes => _increment.WholeBytes;

    /// <summary>Chunks of the whole file.</summary>
    public int ChunkCount => Chunks(LengthBytes);

    /// <summary>Chunks of the whole file or the parent's, whichever has more.</summary>
    public int EndChunk => Math.Max(ChunkCount, Chunks(_parent.LengthBytes));

    /// <summary>Of the whole file, when all chunks are done.</summary>
    public uint Checksum
    {
        get
        {
            if (!_buildsOnParent)
                return _new;
            var stays = (_parent.Checksum ?? 0) ^ _gone;
            var shifted =
                LengthBytes >= _parent.LengthBytes
                    ? Crc32C.Combine(stays, 0, LengthBytes - _parent.LengthBytes)
                    : Crc32C.RemoveSuffix(stays, 0, _parent.LengthBytes - LengthBytes);
            return shifted ^ _new;
        }
    }

    /// <summary>Bytes of the parent that count, where the increment has nothing for them.</summary>
    private long KeptBytes { get; }

    /// <summary>Number of changed blocks in a chunk, of which the first is <paramref name="first"/> in the increment's list.</summary>
    public int ChangedIn(int chunk, int first)
    {
        var end = (chunk + 1L) * (_chunkBytes / RelationChunks.PageBytes);
        var count = 0;
        while (first + count < _increment.Blocks.Count && _increment.Blocks[first + count] < end)
            count++;
        return count;
    }

    /// <summary>True when the parent's chunk is the whole file's, and need not even be read.</summary>
    /// <param name="changed">From <see cref="ChangedIn"/>.</param>
    public bool Keep(int chunk, int changed) => _buildsOnParent && IsSame(chunk, changed);

    /// <summary>True when <see cref="Merge"/> needs the parent's chunk.</summary>
    public bool NeedsParent(int chunk) =>
        chunk < Chunks(_parent.LengthBytes) && (_buildsOnParent || Start(chunk) < Math.Min(KeptBytes, LengthBytes));

    /// <summary>Makes one chunk.</summary>
    /// <param name="parent">The parent's chunk; empty when it is not needed.</param>
    /// <param name="first">The chunk's first changed block in the increment's list.</param>
    /// <param name="blocks">The changed blocks of this chunk, one after the other.</param>
    /// <param name="buffer">At least a chunk.</param>
    /// <returns>Length of the chunk in <paramref name="buffer"/>; 0 for one that goes.</returns>
    public int Merge(int chunk, ReadOnlySpan<byte> parent, int first, ReadOnlySpan<byte> blocks, Span<byte> buffer)
    {
        Require.That(
            !NeedsParent(chunk) || parent.Length == LengthOf(chunk, _parent.LengthBytes),
            "a chunk of the parent has the length that its file gives it"
        );
        var bytes = buffer[..LengthOf(chunk, LengthBytes)];
        var kept = (int)Math.Clamp(KeptBytes - Start(chunk), 0, Math.Min(parent.Length, bytes.Length));
        parent[..kept].CopyTo(bytes);
        bytes[kept..].Clear();
        for (var at = 0; at < blocks.Length; at += RelationChunks.PageBytes, first++)
        {
            var offset = (int)(_increment.Blocks[first] * (long)RelationChunks.PageBytes - Start(chunk));
            blocks.Slice(at, RelationChunks.PageBytes).CopyTo(bytes[offset..]);
        }
        Count(chunk, parent, bytes);
        return bytes.Length;
    }

    private void Count(int chunk, ReadOnlySpan<byte> parent, ReadOnlySpan<byte> bytes)
    {
        var gone = _buildsOnParent ? Weigh(chunk, parent, _parent.LengthBytes) : 0;
        var added = Weigh(chunk, bytes, LengthBytes);
        lock (_gate)
        {
            _gone ^= gone;
            _new ^= added;
        }
    }

    /// <summary>What a chunk adds to the checksum of a file.</summary>
    private uint Weigh(int chunk, ReadOnlySpan<byte> bytes, long fileBytes) =>
        bytes.IsEmpty ? 0 : Crc32C.Combine(Crc32C.Append(0, bytes), 0, fileBytes - Start(chunk) - bytes.Length);

    private bool IsSame(int chunk, int changed)
    {
        var length = LengthOf(chunk, LengthBytes);
        return changed == 0
            && length > 0
            && length == LengthOf(chunk, _parent.LengthBytes)
            && Start(chunk) + length <= KeptBytes;
    }

    private long Start(int chunk) => (long)chunk * _chunkBytes;

    private int LengthOf(int chunk, long fileBytes) => (int)Math.Clamp(fileBytes - Start(chunk), 0, _chunkBytes);

    private int Chunks(long fileBytes) => (int)((fileBytes + _chunkBytes - 1) / _chunkBytes);
}
