using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Index;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>
/// How much room files take that are restored where nothing is: whole blocks, and none for holes. A chunk that is all
/// zero is known without reading it; holes within a chunk count as data, and so it is never too little.
/// </summary>
internal sealed class RestoreRoom(BlobIndex index)
{
    private const int BlockBytes = 4096;

    /// <summary>Zeros shrink to far less; only of what may be zeros is it worth to ask.</summary>
    private const int LeastShrinking = 64;

    /// <summary>By length: what so many zeros are called.</summary>
    private readonly Dictionary<int, BlobId> _zeros = [];

    public long BytesOf(IEnumerable<FileEntry> files, ContentLists contents) =>
        files.Sum(file => InBlocks(file.Node.SizeBytes - ZerosIn(contents.Read(file.Content))));

    private long ZerosIn(BlobId[] content)
    {
        long zeros = 0;
        foreach (var id in content)
            if (
                index.Find(id) is { } at
                && at.Length < at.ContentLength / LeastShrinking
                && id == ZerosOf(at.ContentLength)
            )
                zeros += at.ContentLength;
        return zeros;
    }

    private BlobId ZerosOf(int length)
    {
        if (!_zeros.TryGetValue(length, out var id))
            _zeros[length] = id = BlobId.Of(new byte[length]);
        return id;
    }

    private static long InBlocks(long bytes) => (bytes + BlockBytes - 1) / BlockBytes * BlockBytes;
}
