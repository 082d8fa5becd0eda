using System.Globalization;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>The asset's last snapshot in this generation, as far as it spares work. All of it is optional.</summary>
internal sealed class ParentBackup
{
    /// <summary>A file changed in the very second it was read may change again without its time saying so.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(2);

    private readonly FileTable _files;
    private readonly Dictionary<string, ManifestFile> _manifest;
    private readonly ILookup<string, DamagedPage> _damagedPages;

    private ParentBackup(PostgresRecord? record, FileTable files, Dictionary<string, ManifestFile> manifest)
    {
        (Record, _files, _manifest) = (record, files, manifest);
        var damaged = record?.DamagedPages ?? [];
        _damagedPages = damaged.Select(DamagedPage.Find).OfType<DamagedPage>().ToLookup(page => page.Path);
    }

    /// <summary>Null when there is no parent.</summary>
    public PostgresRecord? Record { get; }

    public SnapshotLayout Layout => new(Record?.Shards ?? 1);

    /// <summary>The parent's <c>backup_manifest</c>, which an incremental backup is asked for with; null without one.</summary>
    public byte[]? Manifest { get; private init; }

    /// <exception cref="Core.Problems.ResurgamException">The asset's last snapshot is of another cluster.</exception>
    public static async Task<ParentBackup> ReadAsync(
        SnapshotWriter snapshot,
        ClusterFacts facts,
        CancellationToken cancellationToken
    )
    {
        var none = new ParentBackup(null, new FileTable(snapshot.Files.Contents), []);
        if (snapshot.Parent is not { } parent)
            return none;
        var json = await snapshot.Reader.FindFileAsync(parent, PostgresRecord.Path, cancellationToken);
        if (json is null)
            return none;
        var record = PostgresRecord.Read(json, parent.Id.Short);
        if (record.SystemIdentifier != facts.SystemIdentifier.ToString(CultureInfo.InvariantCulture))
            throw CaptureProblems.ForeignCluster(record, facts.SystemIdentifier);
        var manifest = await snapshot.Reader.FindFileAsync(parent, "pgdata/backup_manifest", cancellationToken);
        Dictionary<string, ManifestFile> files = new(StringComparer.Ordinal);
        if (manifest is not null)
            foreach (var file in BackupManifest.Read(manifest).Files)
                files[file.Path] = file;
        return new ParentBackup(record, snapshot.ParentFiles, files) { Manifest = manifest };
    }

    /// <summary>The chunks that a file had; empty when it is new.</summary>
    public IReadOnlyList<BlobId> ContentOf(string path) =>
        Find(path) is { } entry ? _files.Contents.Read(entry.Content) : [];

    /// <returns>Null when the parent has no such file.</returns>
    public FileEntry? Find(string path) => _files.TryFind(Layout.ToTree(path), out var entry) ? entry : null;

    public uint? ChecksumOf(string path) => _manifest.GetValueOrDefault(path)?.Checksum;

    /// <summary>Pages of a file whose checksum was wrong.</summary>
    public IEnumerable<DamagedPage> DamagedPagesOf(string path) => _damagedPages[path];

    /// <returns>The parent's entry when nothing about the file says that it was touched since; else null.</returns>
    public FileEntry? FindUnchanged(DataFile file)
    {
        if (Record is null || Find(file.Path) is not { } entry)
            return null;
        var before = entry.Node;
        var isUntouched =
            before.SizeBytes == file.Status.SizeBytes
            && before.ModifiedAt == file.Status.ModifiedAt
            && before.Inode == file.Status.Inode
            && before.DeviceId == file.Status.DeviceId
            && before.ModifiedAt.ToDateTimeOffset() + Guard < Record.StartedAt;
        return isUntouched ? entry : null;
    }
}
