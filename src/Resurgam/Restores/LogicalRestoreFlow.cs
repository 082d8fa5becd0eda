using Resurgam.Adapters.LogicalPostgres.Restore;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <summary>Brings databases back onto a server: <c>server:</c> for the one of the plan, <c>server:CONNECTION</c> for another.</summary>
internal sealed class LogicalRestoreFlow(Session session, Plan plan, Vault vault, RestoreRequest request)
{
    public const string TargetScheme = "server:";

    public async Task<RestoreOutcome> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        if (RestoreCommand.OptionForClusters(request) is { } option)
            throw RestoreFlowProblems.NotForFiles(option);
        var asset = AssetId.TryParse(snapshot.Asset ?? "", out var id)
            ? plan.FindAsset(id) as Asset.LogicalPostgres
            : null;
        LogicalRestoreRequest restore = new()
        {
            Server = ServerOf(asset),
            Databases = request.Databases.Only,
            Binaries = asset?.Binaries,
            Swaps = request.Databases.Swaps,
            IsDryRun = request.IsDryRun,
            Questions = asset is null ? [] : PlanQuestions.SourcesOf(asset.Questions),
        };
        var result = await new LogicalRestore(vault, restore, session.Progress).RunAsync(snapshot, cancellationToken);
        var duration = session.Time.GetElapsedTime(began);
        return new RestoreOutcome(
            snapshot.Id,
            RecoveredTo.AsOf(result.Record.StartedAt),
            result.BytesWritten,
            duration,
            result.Notes
        )
        {
            Databases =
            [
                .. result.Databases.Select(each => new DatabaseView(
                    each.Name,
                    each.RestoredAs,
                    each.KeptAs,
                    [.. each.Checks.Select(CheckView.Of)]
                )),
            ],
            Steps =
                request.IsDryRun || request.Databases.Only.Count > 0
                    ? []
                    : [new StepView(RecoverySteps.Restore, duration.TotalSeconds)],
            BytesTotal = result.BytesWritten,
        };
    }

    private ConnectionSettings ServerOf(Asset.LogicalPostgres? asset)
    {
        var named = request.Target[TargetScheme.Length..].Trim();
        if (named.Length == 0 && asset is null)
            throw RestoreFlowProblems.NoServerInPlan(request.Wanted);
        return ConnectionSettings.Parse(
            named.Length == 0 ? asset?.Connection ?? "" : named,
            session.Around.FindVariable
        );
    }
}
