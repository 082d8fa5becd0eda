using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class RedisFlushWork(StepAction.RedisFlush action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await OpenAsync(cancellationToken);
        return StepReport.Done($"{await server.CountKeysAsync(cancellationToken)} keys would be deleted");
    }

    /// <summary>Clients make new sessions at once: those that were there are gone when the server has answered.</summary>
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await OpenAsync(cancellationToken);
        if (!(await server.ReadReplicationAsync(cancellationToken)).IsPrimary)
            throw ActionProblems.NotPrimary(action.On);
        var keys = await server.CountKeysAsync(cancellationToken);
        // SYNC came with Redis 6.2; before it nothing else was meant.
        if (await server.Session.TryAskAsync(["FLUSHALL", "SYNC"], cancellationToken) is RespValue.Refusal)
            await server.Session.AskAsync(["FLUSHALL"], cancellationToken);
        // The append-only file has the command; the other one is as it was when it was last written.
        var persistence = await server.Session.ReadInfoAsync(cancellationToken, "persistence");
        if (persistence.GetValueOrDefault("aof_enabled") != "1")
            await server.Session.AskAsync(["SAVE"], cancellationToken);
        return StepReport.Done($"{keys} keys were deleted");
    }

    private Task<RedisTarget> OpenAsync(CancellationToken cancellationToken) =>
        RedisTarget.OpenAsync(Target<Target.Redis>(action.On), Tools, cancellationToken);
}
