using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class RedisPromoteWork(StepAction.RedisPromote action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await OpenAsync(cancellationToken);
        var state = await server.ReadReplicationAsync(cancellationToken);
        var keys = await server.CountKeysAsync(cancellationToken);
        return StepReport.Done(
            state.IsPrimary
                ? $"{action.On} is the primary already"
                : $"{action.On} is a replica with {keys} keys{(state.IsLinked ? ", its primary still sends," : "")} and would become the primary"
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await OpenAsync(cancellationToken);
        var before = await server.ReadReplicationAsync(cancellationToken);
        if (before.IsPrimary)
            return StepReport.Done($"{action.On} is the primary already");
        if (before.IsCopying)
            throw ActionProblems.ReplicaIncomplete(action.On);
        if (before.IsLinked && !action.MayBeLinked)
            throw ActionProblems.PrimaryAlive(action.On);
        await server.Session.AskAsync(["REPLICAOF", "NO", "ONE"], cancellationToken);
        while (!(await server.ReadReplicationAsync(cancellationToken)).IsPrimary)
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        // Without its file a restart would make it a replica again.
        var isKept =
            await server.Session.TryAskAsync(["CONFIG", "REWRITE"], cancellationToken) is not RespValue.Refusal;
        return StepReport.Done(
            $"{action.On} takes writes, with {await server.CountKeysAsync(cancellationToken)} keys{(isKept ? "" : "; its configuration file was not rewritten")}",
            new StepNote("offset", before.Offset)
        );
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var server = await OpenAsync(cancellationToken);
        return (await server.ReadReplicationAsync(cancellationToken)).IsPrimary;
    }

    private Task<RedisTarget> OpenAsync(CancellationToken cancellationToken) =>
        RedisTarget.OpenAsync(Target<Target.Redis>(action.On), Tools, cancellationToken);
}
