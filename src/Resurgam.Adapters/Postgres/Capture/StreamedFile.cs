using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>
/// A file on its way into a snapshot: one reader cuts it into pieces, lanes store them in any order, and whoever is the
/// last adds the file to the cluster. Thread-safe.
/// </summary>
/// <param name="path">Below the data directory.</param>
/// <param name="chunks">Number of chunks.</param>
internal sealed class StreamedFile(CapturedCluster cluster, string path, TreeNode node, int chunks)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<uint> _damaged = [];

    /// <summary>The pieces, and the reader itself.</summary>
    private int _open = 1;

    public string Path => path;

    public int ChunkBytes => cluster.ChunkBytes;

    /// <summary>The chunks; each is set by the piece that holds it.</summary>
    public BlobId[] Ids { get; } = new BlobId[chunks];

    /// <summary>Asked when all pieces are stored: CRC-32C of the whole file, or null when no manifest lists it.</summary>
    public Func<uint?> Checksum { get; set; } = static () => null;

    public void Begin() => Interlocked.Increment(ref _open);

    /// <summary>A piece is stored, or the reader has handed the last one over.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _open) != 0)
            return;
        cluster.AddFile(path, node, Ids, node.SizeBytes, Checksum());
        foreach (var block in _damaged)
            cluster.AddDamagedPage(new DamagedPage(path, block));
    }

    public void AddDamaged(uint block)
    {
        lock (_gate)
            _damaged.Add(block);
    }
}
