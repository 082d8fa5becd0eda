using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>A file that came as an increment and becomes a whole one, chunk by chunk. Thread-safe.</summary>
internal sealed class MergedFile(
    string asset,
    StreamedFile file,
    RelationIncrement increment,
    FileEntry parent,
    BlobId[] parentIds,
    IncrementMerge merge,
    SnapshotWriter snapshot
)
{
    public StreamedFile File => file;

    public IncrementMerge Merge => merge;

    /// <summary>Null: the cluster has no page checksums.</summary>
    public PageCheck? Check { get; init; }

    /// <summary>Checks changed blocks, of which the first stands at <paramref name="change"/> in the increment's list.</summary>
    public void Look(ReadOnlySpan<byte> blocks, int change)
    {
        for (; Check is not null && !blocks.IsEmpty; change++)
        {
            Check.Look(blocks[..RelationChunks.PageBytes], increment.Blocks[change]);
            blocks = blocks[RelationChunks.PageBytes..];
        }
    }

    /// <summary>Takes a chunk over from the parent, or makes and stores it.</summary>
    /// <param name="change">Its first changed block in the increment's list.</param>
    /// <param name="blocks">Its changed blocks.</param>
    public async Task StoreAsync(
        int chunk,
        int change,
        ReadOnlyMemory<byte> blocks,
        ContentLane lane,
        Memory<byte> scratch,
        CancellationToken cancellationToken
    )
    {
        if (merge.Keep(chunk, blocks.Length / RelationChunks.PageBytes))
        {
            file.Ids[chunk] = parentIds[chunk];
            return;
        }
        var old = merge.NeedsParent(chunk) ? await ReadParentAsync(chunk, cancellationToken) : [];
        var length = merge.Merge(chunk, old, change, blocks.Span, scratch.Span);
        if (length == 0)
            return;
        BlobId? known = chunk < parentIds.Length ? parentIds[chunk] : null;
        file.Ids[chunk] = await lane.StoreChunkAsync(scratch[..length], known, cancellationToken);
    }

    private async Task<byte[]> ReadParentAsync(int chunk, CancellationToken cancellationToken)
    {
        var expected = Math.Min(file.ChunkBytes, parent.Node.SizeBytes - (long)chunk * file.ChunkBytes);
        var bytes = await snapshot.ReadBlobAsync(parentIds[chunk], cancellationToken);
        return bytes.Length == expected ? bytes : throw CaptureProblems.ParentIncomplete(asset, file.Path);
    }
}
