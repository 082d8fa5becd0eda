using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Restore;

/// <summary>Where and how a cluster is restored.</summary>
public sealed record PostgresRestoreRequest
{
    /// <summary>The data directory, absolute; made when it is not there.</summary>
    public required string Target { get; init; }

    /// <summary>What is there may be compared and replaced.</summary>
    public bool IsDelta { get; init; }

    /// <summary>Even when it is another cluster, or none.</summary>
    public bool IsForced { get; init; }

    /// <summary>Tablespaces by OID; one without an entry goes where it was.</summary>
    public IReadOnlyDictionary<uint, string> Tablespaces { get; init; } = new Dictionary<uint, string>();

    /// <summary>Who shall own the files; null: who owned them, when we are root and that user is known here.</summary>
    public (uint User, uint Group)? Owner { get; init; }

    /// <summary>Lines for <c>postgresql.auto.conf</c>; empty: the cluster ends at the end of the backup, without a new timeline.</summary>
    public IReadOnlyList<(string Name, string Value)> RecoverySettings { get; init; } = [];
}

/// <param name="BytesWritten">What differed from what was there.</param>
public sealed record PostgresRestoreResult(PostgresRecord Record, long BytesTotal, long BytesWritten)
{
    /// <summary>Of a check of a restore over what is there: what it would do, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>
/// Restores the files of a cluster. What was cut off goes on when it is run again: the folder is marked, and
/// <c>pg_control</c>, without which no server starts, comes last.
/// </summary>
public sealed class PostgresRestore(Vault vault, PostgresRestoreRequest request, IWorkProgress progress)
{
    private readonly UserNames _names = UserNames.Read();
    private readonly bool _isRoot = Environment.IsPrivilegedProcess;

    public async Task<PostgresRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        progress.Stage($"reading snapshot {snapshot.Id.Short}");
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var record = await ReadRecordAsync(reader, snapshot, cancellationToken);
        ClusterFolder folder = new(request.Target);
        RestoreMarker marker = new(record.Asset, record.SystemIdentifier, snapshot.Id.Hex);
        var isDelta = folder.Check(marker, request.IsDelta, request.IsForced);
        CheckTablespaces(record);

        using ContentLists contents = new(vault.Host.Scratch);
        var files = await ReadFilesAsync(reader, snapshot, contents, cancellationToken);
        try
        {
            Directory.CreateDirectory(request.Target);
            folder.Mark(marker);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.From(request.Target, e);
        }
        RestoreLayout layout = new(request, record, OwnerOf);
        if (isDelta)
            layout.RemoveExtra(files);
        layout.MakeFolders(files);
        var (total, written) = await RestoreFilesAsync(snapshot, layout, files, contents, isDelta, cancellationToken);

        RecoveryFiles.Write(request.Target, request.RecoverySettings, OwnerOf(files[0].Node));
        layout.Finish(files);
        Sync(layout);
        layout.PublishControlFile();
        folder.Unmark();
        return new PostgresRestoreResult(record, total, written);
    }

    /// <summary>Everything that <see cref="RunAsync"/> would refuse is refused, and nothing is touched.</summary>
    /// <returns>What would be written, and over what is there also what would be deleted.</returns>
    public async Task<PostgresRestoreResult> CheckAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var record = await ReadRecordAsync(reader, snapshot, cancellationToken);
        RestoreMarker marker = new(record.Asset, record.SystemIdentifier, snapshot.Id.Hex);
        var isDelta = new ClusterFolder(request.Target).Check(marker, request.IsDelta, request.IsForced);
        CheckTablespaces(record);
        using ContentLists contents = new(vault.Host.Scratch);
        var files = await ReadFilesAsync(reader, snapshot, contents, cancellationToken);
        var total = files.Sum(file => file.Node.SizeBytes);
        return isDelta
            ? await CompareAsync(snapshot, record, files, contents, cancellationToken)
            : new PostgresRestoreResult(record, total, total);
    }

    private async Task<PostgresRestoreResult> CompareAsync(
        SnapshotEntry snapshot,
        PostgresRecord record,
        List<FileEntry> files,
        ContentLists contents,
        CancellationToken cancellationToken
    )
    {
        RestoreLayout layout = new(request, record, OwnerOf);
        List<FileEntry> regular = [.. files.Where(file => file.Node.Type == NodeType.File)];
        var total = regular.Sum(file => file.Node.SizeBytes);
        progress.Stage($"comparing with {request.Target}");
        progress.Expect(total);
        ComparedTarget target = new([.. regular.Select(file => layout.PathOf(file.Path))]);
        using SnapshotRestorer restorer = new(snapshot.Repository, vault.Host, progress) { OnlyCompares = true };
        await restorer.RestoreAsync(regular, contents, target, cancellationToken);
        return new PostgresRestoreResult(record, total, restorer.BytesWritten)
        {
            Notes =
            [
                DeltaWords.Deleted(layout.ListExtra(files)),
                DeltaWords.Written(regular.Count, restorer.Changed, new ByteSize(restorer.BytesWritten)),
            ],
        };
    }

    public static async Task<PostgresRecord> ReadRecordAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var json = await reader.FindFileAsync(snapshot, PostgresRecord.Path, cancellationToken);
        return json is null
            ? throw PostgresFormatProblems.NoRecord(snapshot.Id.Short)
            : PostgresRecord.Read(json, snapshot.Id.Short);
    }

    /// <summary>Everything of the data directory, with paths below it; the directory itself first, as an empty path.</summary>
    private static async Task<List<FileEntry>> ReadFilesAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        ContentLists contents,
        CancellationToken cancellationToken
    )
    {
        var table = await reader.LoadAsync(snapshot, "", contents, cancellationToken);
        if (!table.TryFind("pgdata", out var root))
            throw PostgresFormatProblems.NoRecord(snapshot.Id.Short);
        Dictionary<string, FileEntry> files = new(StringComparer.Ordinal) { [""] = root with { Path = "" } };
        foreach (var entry in table.Entries)
            if (SnapshotLayout.FromTree(entry.Path) is { } path)
                // A shard's folder has no metadata of its own: the one from the first shard counts.
                if (
                    entry.Node.Type != NodeType.Directory
                    || entry.Path.StartsWith("pgdata/", StringComparison.Ordinal)
                    || !files.ContainsKey(path)
                )
                    files[path] = entry with { Path = path };
        return [.. files.Values.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    private void CheckTablespaces(PostgresRecord record)
    {
        foreach (var tablespace in record.Tablespaces)
        {
            var target = request.Tablespaces.GetValueOrDefault(tablespace.Oid, tablespace.Location);
            var isEmpty = !Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any();
            var isOurs = File.Exists(Path.Combine(request.Target, RestoreMarker.FileName));
            if (!isEmpty && !isOurs && !request.IsDelta)
                throw RestoreProblems.TablespaceNotEmpty(target, tablespace.Oid);
        }
    }

    private async Task<(long Total, long Written)> RestoreFilesAsync(
        SnapshotEntry snapshot,
        RestoreLayout layout,
        List<FileEntry> files,
        ContentLists contents,
        bool isDelta,
        CancellationToken cancellationToken
    )
    {
        List<FileEntry> regular = [.. files.Where(file => file.Node.Type == NodeType.File)];
        var total = regular.Sum(file => file.Node.SizeBytes);
        progress.Stage($"restoring to {request.Target}");
        progress.Expect(total);
        FolderTarget target = new(
            [.. regular.Select(file => new TargetFile(layout.WritePathOf(file.Path), file.Node, OwnerOf(file.Node)))],
            isDelta
        );
        using SnapshotRestorer restorer = new(snapshot.Repository, vault.Host, progress);
        await restorer.RestoreAsync(regular, contents, target, cancellationToken);
        if (restorer.Damage.Count > 0)
            throw RestoreProblems.Damaged(request.Target, restorer.Damage);
        return (total, restorer.BytesWritten);
    }

    /// <summary>By name first: numbers differ between machines.</summary>
    private (uint User, uint Group)? OwnerOf(TreeNode node)
    {
        if (!_isRoot)
            return null;
        if (request.Owner is { } owner)
            return owner;
        var user = node.User is { } name ? _names.FindUser(name) : null;
        var group = node.Group is { } groupName ? _names.FindGroup(groupName) : null;
        return (user ?? node.UserId, group ?? node.GroupId);
    }

    private void Sync(RestoreLayout layout)
    {
        progress.Stage("syncing to disk");
        foreach (var folder in layout.Roots)
            FileSystemSync.Flush(folder);
    }
}
