using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>What steps do with the vault: the commands <c>backup</c>, <c>verify</c> and <c>restore</c>, with their entries in the ledger.</summary>
public interface IVaultWork
{
    Task<StepReport> BackUpAsync(string asset, CancellationToken cancellationToken);

    /// <returns>Failed when a check did not pass.</returns>
    Task<StepReport> VerifyAsync(string asset, CancellationToken cancellationToken);

    /// <param name="folder">Absolute.</param>
    /// <param name="at">Recovery point as <c>restore --at</c> takes it.</param>
    /// <param name="isDryRun">Only says what would be touched.</param>
    Task<StepReport> RestoreAsync(
        StepAction.VaultRestore action,
        string folder,
        string at,
        bool isDryRun,
        CancellationToken cancellationToken
    );

    /// <param name="replica">Its name in the plan.</param>
    /// <param name="readsBack">The whole copy is read and compared.</param>
    /// <param name="isDryRun">Only says what would be copied.</param>
    /// <returns>Failed when something is damaged or differs.</returns>
    Task<StepReport> CopyAsync(string replica, bool readsBack, bool isDryRun, CancellationToken cancellationToken);

    /// <summary>Keeps evidence, as a snapshot of asset <c>evidence</c>.</summary>
    /// <param name="folder">Of the files in the snapshot.</param>
    /// <returns>Id of the snapshot.</returns>
    Task<string> KeepAsync(string folder, IReadOnlyList<EvidenceFile> files, CancellationToken cancellationToken);
}
