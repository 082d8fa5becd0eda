using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresRestartWork(StepAction.PostgresRestart action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string UpSince = "up-since";
    private const string UpSinceSql = "select pg_postmaster_start_time()";

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var since = await server.ScalarAsync(UpSinceSql, cancellationToken) ?? "";
        return StepReport.Done($"{action.On} is up since {since}", new StepNote(UpSince, since));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var target = Target<Target.Postgres>(action.On);
        if (Call.IsResumed)
            await ServerControl.BringUpAsync(target, Call, Tools, cancellationToken);
        if (!Call.IsResumed || await ProbeAsync(cancellationToken) != true)
            await ServerControl.RestartAsync(target, Call, Tools, cancellationToken);
        await using var server = await ConnectAsync(action.On, cancellationToken);
        return StepReport.Done($"{action.On} is up since {await server.ScalarAsync(UpSinceSql, cancellationToken)}");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(UpSince) is not { } before)
            return null;
        await using var server = await ConnectAsync(action.On, cancellationToken);
        return await server.ScalarAsync(UpSinceSql, cancellationToken) != before;
    }
}
