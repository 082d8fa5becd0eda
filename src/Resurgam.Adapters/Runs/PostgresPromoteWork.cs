using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresPromoteWork(StepAction.PostgresPromote action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        StepReport.Done(
            await ProbeAsync(cancellationToken) == true
                ? $"{action.On} is the primary already"
                : $"{action.On} is a standby and would become the primary"
        );

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using (var server = await ConnectAsync(action.On, cancellationToken))
            await server.QueryAsync(
                "select case when pg_is_in_recovery() then pg_promote(false) end",
                cancellationToken
            );
        while (await ProbeAsync(cancellationToken) != true)
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        return StepReport.Done($"{action.On} takes writes");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        return await server.ScalarAsync("select pg_is_in_recovery()", cancellationToken) == "f";
    }
}
