using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Reads a data directory of this machine with several workers, between the start and the end of backup mode.</summary>
internal sealed class LocalCapture(PostgresSource source, string dataDirectory, int workers, IWorkProgress progress)
{
    private const string ControlFile = "global/pg_control";
    private const int LargestConfigurationBytes = 16 << 20;

    private readonly UserNames _names = UserNames.Read();

    public async Task<CapturedCluster> RunAsync(
        PostgresConnection session,
        ClusterFacts facts,
        SnapshotWriter snapshot,
        ParentBackup parent,
        CancellationToken cancellationToken
    )
    {
        CheckIdentity(facts);
        var mode = await BackupMode.BeginAsync(session, source.Asset, cancellationToken);
        SourceTimeline.Check(source, await mode.ReadTimelineAsync(cancellationToken));
        var scan = DataDirectoryScan.Read(dataDirectory);
        var files = scan.Files;
        var size = files.Sum(file => file.Status.Type == NodeType.File ? file.Status.SizeBytes : 0);
        progress.Expect(size);
        var layout = SnapshotLayout.For(size, RelationChunks.DefaultBytes, parent.Record?.Shards);
        CapturedCluster cluster = new(snapshot, layout, RelationChunks.BytesFor(size, parent.Record?.ChunkBytes))
        {
            Start = mode.Start,
            StartedAt = mode.StartedAt,
            Timeline = facts.Timeline,
            Tablespaces = facts.Tablespaces,
        };

        // The folder itself, also where the plan's path is a link to it.
        if (FileStatus.Find(Path.Combine(dataDirectory, ".")) is { } root)
            snapshot.Files.Add("pgdata", root.ToNode("pgdata", _names), []);
        Lsn? verifyFrom = facts.HasDataChecksums ? mode.Start : null;
        await ReadAllAsync(Plan(files, cluster, parent), cluster, snapshot, parent, verifyFrom, cancellationToken);
        // Last: on a standby it holds the position up to which replay must go before the cluster is consistent.
        var control = files.Where(file => file.Path == ControlFile);
        await ReadAllAsync(control, cluster, snapshot, parent, verifyFrom: null, cancellationToken);

        var end = await mode.EndAsync(cancellationToken);
        if (end.Stop < mode.Start)
            throw CaptureProblems.EndedEarly(source.Asset, mode.Start, end.Stop);
        (cluster.Stop, cluster.StoppedAt) = (end.Stop, end.At);
        cluster.Timeline = BackupLabel.Timeline(end.Label) ?? facts.Timeline;
        await AddEndAsync(end, facts, cluster, snapshot, cancellationToken);
        await AddConfigurationAsync(scan.Links, facts, cluster, snapshot, cancellationToken);
        return cluster;
    }

    private void CheckIdentity(ClusterFacts facts)
    {
        try
        {
            using var control = File.OpenHandle(Path.Combine(dataDirectory, ControlFile));
            Span<byte> identifier = stackalloc byte[8];
            RandomAccess.Read(control, identifier, 0);
            var onDisk = BinaryPrimitives.ReadUInt64LittleEndian(identifier);
            if (onDisk != facts.SystemIdentifier)
                throw CaptureProblems.OtherCluster(source.Asset, dataDirectory, onDisk, facts.SystemIdentifier);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CaptureProblems.NoDataDirectory(source.Asset, dataDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CaptureProblems.Unreadable(Path.Combine(dataDirectory, ControlFile), e);
        }
    }

    /// <summary>Adds folders, links and unchanged files; gives those that have to be read, large ones first.</summary>
    private IEnumerable<DataFile> Plan(List<DataFile> files, CapturedCluster cluster, ParentBackup parent)
    {
        List<DataFile> changed = [];
        foreach (var file in files)
        {
            var node = file.Status.ToNode(file.Name, _names);
            if (file.Status.Type == NodeType.SymbolicLink)
                cluster.AddEntry(file.Path, node with { LinkTarget = new FileInfo(file.Source).LinkTarget });
            else if (file.Status.Type == NodeType.Directory)
                cluster.AddEntry(file.Path, node);
            else if (parent.FindUnchanged(file) is { } entry && parent.ChecksumOf(file.Path) is { } checksum)
                AddUnchanged(file, entry, checksum, cluster, parent);
            else if (file.Path != ControlFile)
                changed.Add(file);
        }
        progress.Add(cluster.BytesRead);
        return changed.OrderByDescending(file => file.Status.SizeBytes);
    }

    private async Task ReadAllAsync(
        IEnumerable<DataFile> files,
        CapturedCluster cluster,
        SnapshotWriter snapshot,
        ParentBackup parent,
        Lsn? verifyFrom,
        CancellationToken cancellationToken
    )
    {
        ConcurrentQueue<DataFile> queue = new(files);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            Math.Min(workers, queue.Count),
            parallel,
            async (_, token) =>
            {
                using var lane = snapshot.OpenLane();
                RelationReader reader = new(lane, cluster.ChunkBytes, progress);
                while (queue.TryDequeue(out var file))
                {
                    var known = parent.Record?.ChunkBytes == cluster.ChunkBytes ? parent.ContentOf(file.Path) : [];
                    if (await reader.ReadAsync(file, known, file.IsRelation ? verifyFrom : null, token) is { } content)
                        Add(file, content, cluster);
                }
                lane.Flush();
            }
        );
    }

    /// <summary>What was damaged in the parent still is.</summary>
    private static void AddUnchanged(
        DataFile file,
        FileEntry entry,
        uint checksum,
        CapturedCluster cluster,
        ParentBackup parent
    )
    {
        cluster.AddUnchanged(file.Path, entry, checksum);
        foreach (var page in parent.DamagedPagesOf(file.Path))
            cluster.AddDamagedPage(page);
    }

    private void Add(DataFile file, RelationContent content, CapturedCluster cluster)
    {
        var node = file.Status.ToNode(file.Name, _names);
        cluster.AddFile(file.Path, node, content.Content, content.LengthBytes, content.Checksum);
        foreach (var block in content.DamagedBlocks)
            cluster.AddDamagedPage(new DamagedPage(file.Path, block));
    }

    /// <summary>The label, and the WAL of the backup.</summary>
    private async Task AddEndAsync(
        BackupEnd end,
        ClusterFacts facts,
        CapturedCluster cluster,
        SnapshotWriter snapshot,
        CancellationToken cancellationToken
    )
    {
        using var lane = snapshot.OpenLane();
        await cluster.AddSmallAsync(
            "backup_label",
            Encoding.UTF8.GetBytes(end.Label),
            isInManifest: true,
            lane,
            cancellationToken
        );
        WalCopy wal = new(source.Asset, Path.Combine(dataDirectory, "pg_wal"), facts.WalSegmentBytes, _names);
        await wal.RunAsync(cluster, lane, cancellationToken);
        lane.Flush();
    }

    /// <summary>Files that the server names and that lie elsewhere, and those that links in the data directory lead to.</summary>
    private async Task AddConfigurationAsync(
        IReadOnlyList<DataFile> links,
        ClusterFacts facts,
        CapturedCluster cluster,
        SnapshotWriter snapshot,
        CancellationToken cancellationToken
    )
    {
        using var lane = snapshot.OpenLane();
        var inside = Path.TrimEndingDirectorySeparator(dataDirectory) + "/";
        foreach (var file in facts.ConfigurationFiles)
            if (!file.StartsWith(inside, StringComparison.Ordinal) && File.Exists(file))
                await cluster.AddConfigurationAsync(
                    file,
                    await File.ReadAllBytesAsync(file, cancellationToken),
                    lane,
                    cancellationToken
                );
        foreach (var link in links)
            if (!BackupRules.IsConfiguration(link.Path))
                cluster.AddNote(
                    $"the link {link.Path} in the data directory is not in the snapshot: it is no part of a cluster, and what it leads to has to be there where it is restored"
                );
            else if (cluster.Configuration.All(file => file.Name != link.Name))
                await AddLinkedAsync(link, cluster, lane, cancellationToken);
        lane.Flush();
    }

    private static async Task AddLinkedAsync(
        DataFile link,
        CapturedCluster cluster,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (
                FileStatus.FindTarget(link.Source)
                is not { Type: NodeType.File, SizeBytes: < LargestConfigurationBytes }
            )
                throw new IOException("it leads to no file of a configuration's length");
            var content = await File.ReadAllBytesAsync(link.Source, cancellationToken);
            await cluster.AddConfigurationAsync(link.Source, content, lane, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            cluster.AddFinding($"{link.Path} is a link, and what it leads to is not in the snapshot: {e.Message}");
        }
    }
}
