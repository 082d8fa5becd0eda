using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>The asset's newest snapshot, of whichever generation: what the new one is compared with.</summary>
internal sealed class PreviousSnapshot : IDisposable
{
    private readonly BlobReader _blobs;
    private readonly SnapshotReader _reader;

    private PreviousSnapshot(SnapshotEntry entry, GitRecord record, BlobReader blobs, SnapshotReader reader) =>
        (Entry, Record, _blobs, _reader) = (entry, record, blobs, reader);

    public SnapshotEntry Entry { get; }

    public GitRecord Record { get; }

    /// <returns>Null when there is none, or none that can be read.</returns>
    public static async Task<PreviousSnapshot?> FindAsync(
        Vault vault,
        SnapshotWriter snapshot,
        string asset,
        CancellationToken cancellationToken
    )
    {
        var entry = snapshot.Parent ?? await FindNewestAsync(vault, asset, cancellationToken);
        if (entry is null)
            return null;
        BlobReader blobs = new(entry.Repository, vault.Host.Entropy);
        try
        {
            SnapshotReader reader = new(entry.Repository, blobs);
            if (await reader.FindFileAsync(entry, GitRecord.Path, cancellationToken) is { } json)
                return new PreviousSnapshot(entry, GitRecord.Read(json, entry.Id.Short), blobs, reader);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            vault.Host.Damaged(e.Problem); // an old snapshot that cannot be read must not keep a new one from being taken
        }
        blobs.Dispose();
        return null;
    }

    /// <returns>Null when the snapshot has no such repository.</returns>
    public async Task<GitRefs?> FindRefsAsync(string repository, CancellationToken cancellationToken)
    {
        var path = $"{RepositoryRecord.FolderOf(repository)}/packed-refs";
        return
            Record.Find(repository) is not null
            && await _reader.FindFileAsync(Entry, path, cancellationToken) is { } file
            ? GitRefs.TryReadPacked(file)
            : null;
    }

    private static async Task<SnapshotEntry?> FindNewestAsync(
        Vault vault,
        string asset,
        CancellationToken cancellationToken
    ) => await vault.ListSnapshotsAsync(asset, cancellationToken) is { Count: > 0 } all ? all[^1] : null;

    public void Dispose() => _blobs.Dispose();
}
