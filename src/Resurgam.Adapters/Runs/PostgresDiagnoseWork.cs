using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresDiagnoseWork(StepAction.PostgresDiagnose action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const int MostRows = 20;

    /// <summary>No query text is noted: it may hold people's data.</summary>
    private static readonly (string Name, string Sql)[] Questions =
    [
        ("version", "select version()"),
        ("up-since", "select pg_postmaster_start_time()"),
        ("recovery", "select pg_is_in_recovery()"),
        ("max-connections", "select setting from pg_settings where name = 'max_connections'"),
        (
            "sessions",
            "select coalesce(application_name, '') || ' as ' || usename || ' in ' || datname || ', ' || state || ': ' || count(*) from pg_stat_activity where backend_type = 'client backend' group by application_name, usename, datname, state order by count(*) desc"
        ),
        (
            "oldest-transaction",
            "select pid || ' ' || usename || ' since ' || xact_start from pg_stat_activity where xact_start is not null and pid <> pg_backend_pid() order by xact_start limit 1"
        ),
        ("waiting-for-locks", "select count(*) from pg_locks where not granted"),
        (
            "replication",
            "select application_name || ' ' || state || ' ' || coalesce(replay_lag::text, 'no lag') from pg_stat_replication"
        ),
        ("slots", "select slot_name || ' ' || active || ' ' || coalesce(wal_status, '') from pg_replication_slots"),
        ("pending-restart", "select name from pg_settings where pending_restart"),
    ];

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        List<StepNote> notes = [];
        foreach (var (name, sql) in Questions)
        {
            var rows = await server.QueryAsync(sql, cancellationToken);
            notes.Add(new StepNote(name, string.Join("; ", rows.Take(MostRows).Select(row => row[0]))));
        }
        return StepReport.Done("noted", [.. notes]);
    }
}
