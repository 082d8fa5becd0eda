using Resurgam.Adapters.Files.Restore;
using Resurgam.Core.Secrets;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Secrets.Restore;

/// <summary>Where a secret is restored to.</summary>
public sealed record SecretRestoreRequest
{
    /// <summary>The folder, absolute; the secret is a file in it, with the asset's name and mode 600.</summary>
    public required string Target { get; init; }

    public bool IsDelta { get; init; }

    public bool IsDryRun { get; init; }
}

/// <summary>Restores a secret to a file that only its owner reads. It is shown nowhere.</summary>
public sealed class SecretRestore(Vault vault, SecretRestoreRequest request, IWorkProgress progress)
{
    public async Task<(SecretRecord Record, FilesRestoreResult Files)> RunAsync(
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var kept = await SecretSnapshot.ReadAsync(vault, snapshot, cancellationToken);
        if (vault.DigestOf(kept.Value.Span) != kept.Record.Digest)
            throw RestoreProblems.Another(snapshot.Id.Short);
        FilesRestoreRequest files = new()
        {
            Target = request.Target,
            Path = SecretRecord.Folder,
            IsDelta = request.IsDelta,
            IsDryRun = request.IsDryRun,
        };
        var result = await new FilesRestore(vault, files, progress).RunAsync(snapshot, cancellationToken);
        var path = Path.Combine(request.Target, kept.Record.Asset);
        return (
            kept.Record,
            result with
            {
                Notes =
                [
                    .. result.Notes,
                    request.IsDryRun
                        ? $"it would be the file {path}"
                        : $"the secret is in {path}, without a line break at its end; only its owner may read it",
                ],
            }
        );
    }
}
