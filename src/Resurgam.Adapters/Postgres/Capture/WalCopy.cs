using Resurgam.Adapters.Files;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Copies the WAL that a backup needs, so that its snapshot starts without anything else.</summary>
internal sealed class WalCopy(string asset, string folder, int segmentBytes, UserNames names)
{
    private const int BlockBytes = 1 << 20;

    private readonly byte[] _block = new byte[BlockBytes];

    public async Task RunAsync(CapturedCluster cluster, ContentLane lane, CancellationToken cancellationToken)
    {
        if (FileStatus.Find(folder) is { } status)
        {
            cluster.AddEntry("pg_wal", status.ToNode("pg_wal", names));
            cluster.AddEntry("pg_wal/archive_status", status.ToNode("archive_status", names));
        }
        var first = cluster.Start.Value / (ulong)segmentBytes;
        var last = (cluster.Stop.Value - 1) / (ulong)segmentBytes;
        for (var number = first; number <= last; number++)
        {
            var name = new WalSegment(cluster.Timeline, number, segmentBytes).FileName;
            await CopyAsync(cluster, name, number * (ulong)segmentBytes, lane, cancellationToken);
            // Marked as archived: the restored server must not offer old WAL to an archive.
            await cluster.AddSmallAsync($"pg_wal/archive_status/{name}.done", default, false, lane, cancellationToken);
        }
        foreach (var history in Directory.GetFiles(folder, "*.history"))
            await cluster.AddSmallAsync(
                $"pg_wal/{Path.GetFileName(history)}",
                await File.ReadAllBytesAsync(history, cancellationToken),
                isInManifest: false,
                lane,
                cancellationToken
            );
    }

    /// <summary>Copies a segment; what lies after the backup's end is zero, as in a segment that was just begun.</summary>
    private async Task CopyAsync(
        CapturedCluster cluster,
        string name,
        ulong start,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(folder, name);
        var status = FileStatus.Find(path) ?? throw CaptureProblems.WalRemoved(asset, name);
        const ulong page = RelationChunks.PageBytes;
        var end = (cluster.Stop.Value + page - 1) / page * page; // the last record may end inside of a page
        List<BlobId> ids = [];
        using var file = File.OpenHandle(path);
        for (var at = 0L; at < segmentBytes; at += BlockBytes)
        {
            var read = await RandomAccess.ReadAsync(file, _block, at, cancellationToken);
            var real = (int)Math.Clamp((long)(end - Math.Min(end, start)) - at, 0, read);
            _block.AsSpan(real).Clear();
            for (var chunk = 0; chunk < BlockBytes; chunk += cluster.ChunkBytes)
                ids.Add(
                    await lane.StoreChunkAsync(
                        _block.AsMemory(chunk, cluster.ChunkBytes),
                        known: null,
                        cancellationToken
                    )
                );
        }
        // A server that no longer needs a segment renames it for a later one: what was read may be of both.
        if (FileStatus.Find(path)?.Inode != status.Inode)
            throw CaptureProblems.WalRemoved(asset, name);
        cluster.AddFile($"pg_wal/{name}", status.ToNode(name, names), ids, segmentBytes, checksum: null);
    }
}
