using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>A connection to a server that asks who is waited for, and changes it.</summary>
internal sealed class SyncConnection : IAsyncDisposable
{
    /// <summary>A server that takes longer cannot be asked.</summary>
    public static readonly TimeSpan QueryLimit = TimeSpan.FromSeconds(5);

    private readonly PostgresConnection _sql;
    private readonly string _name;

    private SyncConnection(PostgresConnection sql, string name) => (_sql, _name) = (sql, name);

    /// <param name="connection">For SQL, with the rights that docs/errors/wal-watchdog-rights.md names.</param>
    /// <param name="name">Ours in <c>synchronous_standby_names</c>.</param>
    /// <exception cref="ResurgamException">The server is away, or the role lacks a right.</exception>
    public static async Task<SyncConnection> OpenAsync(
        ConnectionSettings connection,
        string name,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var named = connection with { ApplicationName = $"{name}-watchdog" };
        var sql = await PostgresConnection.OpenAsync(named, SessionKind.Sql, time, cancellationToken);
        try
        {
            await sql.QueryAsync("SET synchronous_commit = local", cancellationToken);
            await CheckRightsAsync(sql, cancellationToken);
            return new SyncConnection(sql, name);
        }
        catch
        {
            await sql.DisposeAsync();
            throw;
        }
    }

    public async Task<SyncLook> LookAsync(CancellationToken cancellationToken)
    {
        var rows = await _sql.QueryAsync(
            $"""
            SELECT 'setting', setting, source, sourcefile,
                   CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END::text
              FROM pg_settings WHERE name = 'synchronous_standby_names'
            UNION ALL
            SELECT 'waiting', pid::text, coalesce(backend_xid::text, query_start::text), NULL, NULL
              FROM pg_stat_activity WHERE wait_event = 'SyncRep'
            UNION ALL
            SELECT 'standby', application_name, flush_lsn::text, NULL, NULL
              FROM pg_stat_replication WHERE state IN ('streaming', 'catchup')
            """,
            cancellationToken
        );
        var look = new SyncLook();
        foreach (var row in rows)
        {
            switch (row[0])
            {
                case "setting":
                    (look.Setting, look.Source) = (row[1] ?? "", row[2] ?? "");
                    look.IsFromAlterSystem = row[3]?.EndsWith("postgresql.auto.conf", StringComparison.Ordinal) ?? true;
                    look.ServerEnd = Lsn.TryParse(row[4], out var end) ? end : default;
                    break;
                case "waiting":
                    look.Waiting.Add($"{row[1]} {row[2]}");
                    break;
                default:
                    look.Connected.Add(row[1] ?? "");
                    if (
                        string.Equals(row[1], _name, StringComparison.OrdinalIgnoreCase)
                        && Lsn.TryParse(row[2], out var flush)
                    )
                        look.OurFlush = flush;
                    break;
            }
        }
        return look;
    }

    /// <param name="value">Null: what postgresql.conf says.</param>
    public async Task SetAsync(string? value, CancellationToken cancellationToken)
    {
        // Neither runs inside a transaction block, so each is a query of its own. They write no WAL and wait for nobody.
        await _sql.QueryAsync(
            value is null
                ? "ALTER SYSTEM RESET synchronous_standby_names"
                : $"ALTER SYSTEM SET synchronous_standby_names = {SqlText.Literal(value)}",
            cancellationToken
        );
        await _sql.QueryAsync("SELECT pg_catalog.pg_reload_conf()", cancellationToken);
    }

    public ValueTask DisposeAsync() => _sql.DisposeAsync();

    private static async Task CheckRightsAsync(PostgresConnection sql, CancellationToken cancellationToken)
    {
        var alter =
            sql.ServerVersion >= ServerVersions.V15
                ? "pg_catalog.has_parameter_privilege('synchronous_standby_names', 'ALTER SYSTEM')"
                : "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)";
        var rights = await sql.QueryAsync(
            $"SELECT {alter}, pg_catalog.has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE'), "
                + "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')",
            cancellationToken
        );
        if (rights is not [["t", "t", "t"]])
            throw WatchdogProblems.Rights();
    }
}

/// <summary>Who is waited for at one moment, and who waits.</summary>
internal sealed class SyncLook
{
    public string Setting { get; set; } = "";

    public string Source { get; set; } = "";

    public bool IsFromAlterSystem { get; set; }

    public Lsn ServerEnd { get; set; }

    /// <summary>How far our stream has acknowledged; null when it is not connected.</summary>
    public Lsn? OurFlush { get; set; }

    public List<string> Waiting { get; } = [];

    public List<string> Connected { get; } = [];

    public SynchronousStandbys Set => SynchronousStandbys.Parse(Setting);
}
