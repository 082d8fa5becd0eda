using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>A cluster as it was read: positions, files, and the small files that make it one. Adding is thread-safe.</summary>
internal sealed class CapturedCluster(SnapshotWriter snapshot, SnapshotLayout layout, int chunkBytes)
{
    private readonly Lock _gate = new();
    private readonly List<ManifestFile> _manifest = [];
    private readonly List<string> _damagedPages = [];
    private readonly List<ConfigurationRecord> _configuration = [];
    private readonly List<string> _findings = [];
    private readonly List<string> _notes = [];
    private long _bytesRead;

    public SnapshotLayout Layout => layout;
    public int ChunkBytes => chunkBytes;
    public Lsn Start { get; set; }
    public Lsn Stop { get; set; }
    public uint Timeline { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset StoppedAt { get; set; }

    public CaptureMode Mode { get; init; }

    /// <summary>What a person should know of how it was read.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>What could not be captured, beside damaged pages.</summary>
    public IReadOnlyList<string> Findings => _findings;

    public IReadOnlyList<TablespaceRecord> Tablespaces { get; set; } = [];

    /// <summary>The WAL that the manifest names, where the server says it better than start and stop do.</summary>
    public IReadOnlyList<BackupWalRange>? WalRanges { get; set; }

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public IReadOnlyList<string> DamagedPages => _damagedPages;

    public IReadOnlyList<ConfigurationRecord> Configuration => _configuration;

    /// <summary>A folder or a link.</summary>
    public void AddEntry(string path, TreeNode node) => snapshot.Files.Add(layout.ToTree(path), node, []);

    /// <summary>A link that nobody has metadata of.</summary>
    public void AddLink(string path, string target) =>
        AddEntry(
            path,
            SmallNode(path, 0) with
            {
                Type = NodeType.SymbolicLink,
                Mode = 0x1FF, // 0777
                LinkTarget = target,
            }
        );

    /// <param name="checksum">CRC-32C; null for what no manifest lists.</param>
    public void AddFile(string path, TreeNode node, IReadOnlyList<BlobId> content, long lengthBytes, uint? checksum)
    {
        snapshot.Files.Add(layout.ToTree(path), node with { SizeBytes = lengthBytes }, [.. content]);
        Count(path, node.ModifiedAt, lengthBytes, checksum);
    }

    /// <summary>Takes a file over as the parent has it.</summary>
    public void AddUnchanged(string path, FileEntry parent, uint checksum)
    {
        snapshot.Files.Add(parent with { Path = layout.ToTree(path) });
        Count(path, parent.Node.ModifiedAt, parent.Node.SizeBytes, checksum);
    }

    public void AddDamagedPage(DamagedPage page)
    {
        lock (_gate)
            _damagedPages.Add(page.ToString());
    }

    public void AddFinding(string finding) => _findings.Add(finding);

    public void AddNote(string note) => _notes.Add(note);

    /// <summary>A configuration file from outside of the data directory.</summary>
    public async Task AddConfigurationAsync(
        string source,
        byte[] content,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        var name = System.IO.Path.GetFileName(source);
        await AddOwnAsync($"resurgam/config/{name}", content, lane, cancellationToken);
        _configuration.Add(new ConfigurationRecord(name, source));
    }

    /// <summary>Adds a small file of the data directory that the server handed over.</summary>
    public async Task AddSmallAsync(
        string path,
        ReadOnlyMemory<byte> content,
        bool isInManifest,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        var ids = await lane.StoreBytesAsync(content, cancellationToken);
        uint? checksum = isInManifest ? Crc32C.Append(0, content.Span) : null;
        AddFile(path, SmallNode(path, content.Length), ids, content.Length, checksum);
    }

    /// <summary>Adds the record and the manifest. The caller completes the snapshot.</summary>
    public async Task StoreAsync(SnapshotWriter writer, PostgresRecord record, CancellationToken cancellationToken)
    {
        using var lane = writer.OpenLane();
        await AddOwnAsync(PostgresRecord.Path, record.Write(), lane, cancellationToken);
        BackupManifest manifest = new()
        {
            SystemIdentifier =
                record.MajorVersion >= 17
                    ? ulong.Parse(record.SystemIdentifier, System.Globalization.CultureInfo.InvariantCulture)
                    : null,
            Files = [.. _manifest.OrderBy(file => file.Path, StringComparer.Ordinal)],
            WalRanges = WalRanges ?? [new BackupWalRange(Timeline, Start, Stop)],
        };
        await AddSmallAsync("backup_manifest", manifest.Write(), isInManifest: false, lane, cancellationToken);
        lane.Flush();
    }

    private async Task AddOwnAsync(
        string treePath,
        byte[] content,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        var ids = await lane.StoreBytesAsync(content, cancellationToken);
        snapshot.Files.Add(treePath, SmallNode(treePath, content.Length), [.. ids]);
    }

    private void Count(string path, UnixTime modifiedAt, long lengthBytes, uint? checksum)
    {
        Interlocked.Add(ref _bytesRead, lengthBytes);
        if (checksum is null)
            return;
        lock (_gate)
            _manifest.Add(new ManifestFile(path, lengthBytes, modifiedAt, checksum));
    }

    /// <summary>Metadata of a file that has none of its own: like the data directory's.</summary>
    private TreeNode SmallNode(string path, long lengthBytes)
    {
        var owner = snapshot.Files.TryFind("pgdata", out var root) ? root.Node : null;
        return new TreeNode
        {
            Name = path[(path.LastIndexOf('/') + 1)..],
            Type = NodeType.File,
            Mode = 0x180, // 0600
            ModifiedAt = UnixTime.From(StartedAt),
            AccessedAt = UnixTime.From(StartedAt),
            ChangedAt = UnixTime.From(StartedAt),
            UserId = owner?.UserId ?? 0,
            GroupId = owner?.GroupId ?? 0,
            User = owner?.User,
            Group = owner?.Group,
            SizeBytes = lengthBytes,
        };
    }
}
