using Resurgam.Adapters.Secrets.Restore;
using Resurgam.Cli;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <summary>Brings a kept secret back as a file.</summary>
internal static class SecretRestoreFlow
{
    public static async Task<RestoreOutcome> RunAsync(
        Session session,
        Vault vault,
        RestoreRequest request,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        if (RestoreCommand.OptionForClusters(request) is { } option)
            throw RestoreFlowProblems.NotForFiles(option);
        SecretRestoreRequest secret = new()
        {
            Target = request.Target,
            IsDelta = request.IsDelta,
            IsDryRun = request.IsDryRun,
        };
        var (record, files) = await new SecretRestore(vault, secret, session.Progress).RunAsync(
            snapshot,
            cancellationToken
        );
        var duration = session.Time.GetElapsedTime(began);
        return new RestoreOutcome(
            snapshot.Id,
            RecoveredTo.AsOf(record.SeenAt),
            files.BytesWritten,
            duration,
            files.Notes
        )
        {
            Steps = request.IsDryRun ? [] : [new StepView(RecoverySteps.Restore, duration.TotalSeconds)],
            BytesTotal = files.BytesTotal,
        };
    }
}
