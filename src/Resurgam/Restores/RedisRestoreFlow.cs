using Resurgam.Adapters.Files;
using Resurgam.Adapters.Redis.Restore;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <summary>Brings the data directory of a Redis server back, as the plan wants it.</summary>
internal sealed class RedisRestoreFlow(Session session, Plan plan, Vault vault, RestoreRequest request)
{
    public async Task<RestoreOutcome> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        if (OptionForClusters(request) is { } option)
            throw option == "--start"
                ? RestoreFlowProblems.RedisIsStartedElsewhere(request.Target)
                : RestoreFlowProblems.NotForFiles(option);
        var asset = AssetId.TryParse(snapshot.Asset ?? "", out var id) ? plan.FindAsset(id) as Asset.Redis : null;
        RedisRestoreRequest files = new()
        {
            Target = request.Target,
            IsDelta = request.IsDelta,
            IsDryRun = request.IsDryRun,
            StartsEmpty = asset is { StartEmpty: true } && request.Wanted == asset.Id.Value,
            Owner = OwnerOf(request),
            Binaries = asset?.Binaries,
        };
        var result = await new RedisRestore(vault, files, session.Progress).RunAsync(snapshot, cancellationToken);
        var duration = session.Time.GetElapsedTime(began);
        return new RestoreOutcome(
            snapshot.Id,
            CliJson.ToText(result.Record.StartedAt),
            result.BytesWritten,
            duration,
            result.Notes
        )
        {
            Steps = request.IsDryRun ? [] : [new StepView(RecoverySteps.Restore, duration.TotalSeconds)],
            BytesTotal = result.BytesTotal,
        };
    }

    private static string? OptionForClusters(RestoreRequest request) =>
        request switch
        {
            { Start: true } => "--start",
            { Tablespaces.Count: > 0 } => "--tablespace",
            { TargetText: not "latest" } => "--at",
            _ => null,
        };

    private static (uint User, uint Group)? OwnerOf(RestoreRequest request)
    {
        if (request.Owner is not { } name)
            return null;
        var names = UserNames.Read();
        var user = names.FindUser(name) ?? throw RestoreFlowProblems.NoUser(name);
        return (user, names.FindGroup(name) ?? user);
    }
}
