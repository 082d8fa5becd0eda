using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Chunking;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>One snapshot being written: what was there before, where new chunks go, and the end that makes it exist.</summary>
/// <remarks>
/// Captures open a <see cref="ContentLane"/> for each worker and add what they read to <see cref="Files"/>. Nothing of it
/// exists for a reader until <see cref="CompleteAsync"/> has stored packs, indexes and then the snapshot.
/// </remarks>
public sealed class SnapshotWriter : IAsyncDisposable
{
    /// <summary>While one is uploaded another may become full, and its lane must not wait.</summary>
    private const int PacksOnTheirWay = 2;

    /// <summary>Where the store takes packs over, a buffer is back at once.</summary>
    private const int PacksBeingStaged = 1;

    private readonly VaultHost _host;
    private readonly RepositoryLock _lock;
    private readonly BlobWriter _blobs;
    private readonly BlobReader _reader;
    private readonly ContentLists _contents;
    private readonly FastCdc _chunker;
    private readonly string _asset;
    private readonly string _kind;
    private readonly DateTimeOffset _startedAt;

    private SnapshotWriter(
        Repository repository,
        RepositoryLock held,
        VaultHost host,
        string asset,
        string kind,
        SnapshotEntry? parent,
        DateTimeOffset startedAt
    )
    {
        (Repository, _lock, _host, _asset, _kind, Parent) = (repository, held, host, asset, kind, parent);
        var onTheirWay = repository.Store is IStagingStore ? PacksBeingStaged : PacksOnTheirWay;
        _blobs = new BlobWriter(repository, host.Entropy, host.Workers + onTheirWay);
        _reader = new BlobReader(repository, host.Entropy);
        _contents = new ContentLists(host.Scratch);
        _chunker = new FastCdc(repository.Key.Encrypt);
        _startedAt = startedAt;
        Files = new FileTable(_contents);
        ParentFiles = new FileTable(_contents);
    }

    public Repository Repository { get; }

    /// <summary>The asset's newest snapshot in this generation; null when there is none.</summary>
    public SnapshotEntry? Parent { get; }

    /// <summary>All files of <see cref="Parent"/>. Shares its contents with <see cref="Files"/>: entries can be taken over.</summary>
    public FileTable ParentFiles { get; private set; }

    /// <summary>What the new snapshot will hold.</summary>
    public FileTable Files { get; }

    /// <summary>What else the snapshot's own document says of it.</summary>
    public SnapshotFacts Facts { get; set; } = new();

    /// <summary>Plain bytes that were not in the repository.</summary>
    public long BytesNew => _blobs.BytesNew;

    /// <summary>Bytes that were added to the store.</summary>
    public long BytesStored => _blobs.BytesStored;

    public SnapshotReader Reader => new(Repository, _reader);

    /// <summary>Reads a blob of the parent.</summary>
    public Task<byte[]> ReadBlobAsync(BlobId id, CancellationToken cancellationToken) =>
        _reader.ReadAsync(id, cancellationToken);

    /// <summary>Takes the lock, loads the index and finds the parent.</summary>
    public static async Task<SnapshotWriter> BeginAsync(
        Vault vault,
        string asset,
        string kind,
        CancellationToken cancellationToken
    )
    {
        var repository = await vault.OpenCurrentGenerationAsync(cancellationToken);
        var held = await RepositoryLock.AcquireAsync(repository, vault.Host, cancellationToken);
        try
        {
            SnapshotEntry? parent = null;
            // Snapshots before the index: an index that is read later knows all that they refer to.
            await foreach (var snapshot in Vault.ListSnapshotsAsync(repository, cancellationToken))
                if (snapshot.Asset == asset && (parent is null || parent.Document.Time < snapshot.Document.Time))
                    parent = snapshot;
            var startedAt = await ChooseTimeAsync(vault, repository, asset, parent, cancellationToken);
            // An index that is damaged, lost, or listed late hides blobs that the parent refers to: then everything is read
            // and stored again.
            var isIndexWhole = await repository.LoadIndexAsync(cancellationToken);
            if (parent is not null && (!isIndexWhole || repository.Index.Find(parent.Document.Tree) is null))
                parent = null;
            SnapshotWriter writer = new(repository, held, vault.Host, asset, kind, parent, startedAt);
            if (parent is not null)
                writer.ParentFiles = await writer.Reader.LoadAsync(parent, "", writer._contents, cancellationToken);
            return writer;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Now; or a moment after the asset's newest snapshot, when the clock was set back: the latest snapshot must stay the
    /// one that was taken last.
    /// </summary>
    private static async Task<DateTimeOffset> ChooseTimeAsync(
        Vault vault,
        Repository repository,
        string asset,
        SnapshotEntry? parent,
        CancellationToken cancellationToken
    )
    {
        var time = vault.Host.Time.GetUtcNow();
        Consider(parent);
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
            if (
                string.CompareOrdinal($"generations/{name}/", repository.Prefix) > 0
                && await vault.TryOpenGenerationAsync(name, cancellationToken) is { } later
            )
                await foreach (var snapshot in Vault.ListSnapshotsAsync(later, cancellationToken))
                    if (snapshot.Asset == asset)
                        Consider(snapshot);
        return time;

        void Consider(SnapshotEntry? snapshot)
        {
            if (snapshot?.TakenAt >= time)
                time = snapshot.TakenAt + TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>A worker's own way of storing contents. Not thread-safe.</summary>
    public ContentLane OpenLane() => new(_blobs.OpenLane(BlobType.Data), _chunker);

    /// <summary>Stores the trees, the last packs, the indexes, and at the very end the snapshot. All lanes are flushed.</summary>
    /// <param name="paths">What restic shows as the snapshot's paths.</param>
    public async Task<SnapshotEntry> CompleteAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        _blobs.Shrink(); // the trees of a large cluster take as much
        BlobId tree;
        using (var lane = _blobs.OpenLane(BlobType.Tree))
        {
            tree = await new TreeBuilder(Files, lane).WriteAsync(cancellationToken);
            lane.Flush();
        }
        await _blobs.FinishAsync(cancellationToken);
        var identity = _host.Identity;
        SnapshotDocument document = new()
        {
            Time = UnixTime.From(_startedAt),
            Tree = tree,
            Paths = paths,
            Hostname = identity.Hostname,
            Username = identity.Username,
            Uid = identity.UserId,
            Gid = identity.GroupId,
            Excludes = Facts.Excludes,
            Tags = [.. SnapshotEntry.Tags(_asset, _kind), .. Facts.Tags],
            Parent = Parent?.Id,
            ProgramVersion = "resurgam",
        };
        var (id, _) = await Repository.PutJsonAsync(FileKind.Snapshot, document.Write(), cancellationToken);
        return new SnapshotEntry(Repository, id, document);
    }

    public async ValueTask DisposeAsync()
    {
        await _blobs.DisposeAsync();
        _reader.Dispose();
        _contents.Dispose();
        await _lock.DisposeAsync();
    }
}

public sealed record SnapshotFacts
{
    /// <summary>Patterns of what was left out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Of the plan that the capture followed.</summary>
    public string? PlanHash { get; init; }

    internal IReadOnlyList<string> Tags => PlanHash is null ? [] : [$"plan={PlanHash}"];
}
