using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Tells whether pages of one file are sound, as the server does it while it reads them.</summary>
/// <param name="verifyFrom">Pages changed since then may be torn, and replay writes them again.</param>
internal sealed class PageCheck(StreamedFile file, Lsn verifyFrom)
{
    private const uint BlocksPerSegment = (1 << 30) / RelationChunks.PageBytes;

    private readonly uint _segmentStart = BackupRules.TryParseRelation(
        file.Path.AsSpan(file.Path.LastIndexOf('/') + 1),
        out var relation
    )
        ? relation.Segment * BlocksPerSegment
        : 0;

    /// <param name="block">Counted from the file's start.</param>
    public void Look(ReadOnlySpan<byte> page, uint block)
    {
        var isGood =
            PageChecksum.IsNew(page)
            || PageChecksum.PageLsn(page) >= verifyFrom
            || PageChecksum.Verify(page, _segmentStart + block);
        if (!isGood)
            file.AddDamaged(block);
    }
}

/// <summary>Consecutive chunks of a file, as they came.</summary>
internal sealed class ContentPiece : Piece
{
    public required StreamedFile File { get; init; }

    public required int LengthBytes { get; init; }

    /// <summary>Of the first chunk in the file.</summary>
    public required int FirstChunk { get; init; }

    /// <summary>The chunks that the file had in the parent.</summary>
    public required IReadOnlyList<BlobId> Parent { get; init; }

    /// <summary>Null: not made of pages, or the cluster has no checksums.</summary>
    public PageCheck? Check { get; init; }

    /// <summary>A segment of WAL, of which only the pages that hold some are kept; null for all else.</summary>
    public WalSegment? Segment { get; init; }

    public override async Task StoreAsync(ContentLane lane, Memory<byte> scratch, CancellationToken cancellationToken)
    {
        Prepare(Buffer.AsSpan(0, LengthBytes));
        await lane.StoreChunksAsync(
            Buffer.AsMemory(0, LengthBytes),
            File.ChunkBytes,
            File.Ids,
            FirstChunk,
            Parent,
            cancellationToken
        );
        File.Done();
    }

    private void Prepare(Span<byte> bytes)
    {
        var startBytes = (long)FirstChunk * File.ChunkBytes;
        if (Segment is { } segment)
            WalPages.ClearUnused(bytes, segment.Start + (ulong)startBytes, segment.SizeBytes);
        var block = (uint)(startBytes / RelationChunks.PageBytes);
        for (; Check is not null && bytes.Length >= RelationChunks.PageBytes; block++)
        {
            Check.Look(bytes[..RelationChunks.PageBytes], block);
            bytes = bytes[RelationChunks.PageBytes..];
        }
    }
}

/// <summary>Consecutive chunks of a file that is put together from an increment and the parent's file.</summary>
internal sealed class MergePiece : Piece
{
    public required MergedFile Merged { get; init; }

    public required int FirstChunk { get; init; }

    /// <summary>Exclusive.</summary>
    public required int EndChunk { get; init; }

    /// <summary>The first changed block of <see cref="FirstChunk"/> in the increment's list; the buffer begins with it.</summary>
    public required int FirstChange { get; init; }

    public override async Task StoreAsync(ContentLane lane, Memory<byte> scratch, CancellationToken cancellationToken)
    {
        var (change, at) = (FirstChange, 0);
        for (var chunk = FirstChunk; chunk < EndChunk; chunk++)
        {
            var changed = Merged.Merge.ChangedIn(chunk, change);
            var blocks = Buffer.AsMemory(at, changed * RelationChunks.PageBytes);
            Merged.Look(blocks.Span, change);
            await Merged.StoreAsync(chunk, change, blocks, lane, scratch, cancellationToken);
            change += changed;
            at += blocks.Length;
        }
        Merged.File.Done();
    }
}
