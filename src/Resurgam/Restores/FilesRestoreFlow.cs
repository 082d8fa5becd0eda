using Resurgam.Adapters.Files.Restore;
using Resurgam.Cli;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <summary>Brings the files of a snapshot back, or those of a path of it: of any snapshot, whoever made it.</summary>
internal static class FilesRestoreFlow
{
    /// <param name="path">Of the snapshot, without a slash in front; empty: all.</param>
    /// <param name="isWhole">That is all of the asset: how long it takes is remembered.</param>
    /// <param name="target">Absolute.</param>
    internal static async Task<RestoreOutcome> RunAsync(
        Session session,
        Vault vault,
        SnapshotEntry snapshot,
        string path,
        bool isWhole,
        string target,
        bool delta,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        FilesRestoreRequest request = new()
        {
            Target = target,
            Path = path,
            IsDelta = delta,
            IsDryRun = dryRun,
        };
        var result = await new FilesRestore(vault, request, session.Progress).RunAsync(snapshot, cancellationToken);
        var duration = session.Time.GetElapsedTime(began);
        return new RestoreOutcome(
            snapshot.Id,
            RecoveredTo.AsOf(snapshot.TakenAt),
            result.BytesWritten,
            duration,
            result.Notes
        )
        {
            Steps = isWhole && !dryRun ? [new StepView(RecoverySteps.Restore, duration.TotalSeconds)] : [],
            BytesTotal = result.BytesTotal,
        };
    }
}
