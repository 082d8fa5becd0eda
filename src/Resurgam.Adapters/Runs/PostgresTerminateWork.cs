using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresTerminateWork(StepAction.PostgresTerminate action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private string Filter =>
        "backend_type = 'client backend' and pid <> pg_backend_pid()"
        + (action.User is { } user ? $" and usename = {SqlText.Literal(user)}" : "")
        + (action.Database is { } database ? $" and datname = {SqlText.Literal(database)}" : "");

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        return StepReport.Done($"{await CountAsync(server, cancellationToken)} sessions would be ended");
    }

    /// <summary>Clients come back at once: those that were there are waited for, not those that came since.</summary>
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var pids = await server.QueryAsync(
            $"select pid || ' ' || backend_start, pg_terminate_backend(pid) from pg_stat_activity where {Filter}",
            cancellationToken
        );
        var ended = pids.Select(row => row[0] ?? "").ToList();
        while (ended.Count > 0)
        {
            var there = await server.QueryAsync(
                $"select pid || ' ' || backend_start from pg_stat_activity where {Filter}",
                cancellationToken
            );
            if (!there.Any(row => ended.Contains(row[0] ?? "")))
                break;
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        }
        return StepReport.Done($"{ended.Count} sessions were ended");
    }

    private Task<string?> CountAsync(PostgresConnection server, CancellationToken cancellationToken) =>
        server.ScalarAsync($"select count(*) from pg_stat_activity where {Filter}", cancellationToken);
}
