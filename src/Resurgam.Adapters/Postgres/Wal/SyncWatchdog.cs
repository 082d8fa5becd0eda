using System.Globalization;
using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>
/// Takes our name out of <c>synchronous_standby_names</c> before commits wait for us longer than allowed, and puts it back
/// when the stream keeps up again.
/// </summary>
/// <remarks>
/// <para>
/// It looks at the commits themselves, on a connection of its own that stays open: whether the disk of the spool hangs, the
/// stream has died or the network is cut, what counts is that somebody waits and that we are the ones who have not answered.
/// It can also run in a process of its own, so that it outlives the stream.
/// </para>
/// <para>
/// Nothing else takes a standby out of the set: PostgreSQL waits for ever. <c>ALTER SYSTEM</c> and a reload release the
/// waiting commits at once. What was there before is on our disk before it is changed.
/// </para>
/// </remarks>
public sealed class SyncWatchdog
{
    public const string FileName = "synchronous.json";

    /// <summary>We count as keeping up when no more than this is between the server's end and ours.</summary>
    private const long HealthyLagBytes = 1 << 20;

    private static readonly TimeSpan QueryLimit = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly string _path;
    private readonly TimeSpan _wait;
    private readonly Func<CancellationToken, Task<PostgresConnection>> _connect;
    private readonly TimeProvider _time;
    private readonly Action<string> _told;
    private readonly CommitWaits _waits = new();
    private PostgresConnection? _sql;
    private SetAside? _aside;
    private long? _leftAt;
    private long? _healthySince;
    private bool _wasChecked;

    private SyncWatchdog(
        WalStreamSettings settings,
        TimeSpan wait,
        Func<CancellationToken, Task<PostgresConnection>> connect,
        TimeProvider time,
        Action<string> told
    )
    {
        (_name, _wait, _connect, _time, _told) = (settings.Slot, wait, connect, time, told);
        _path = Path.Combine(settings.Folder, FileName);
    }

    /// <summary>Whether the server waits for us; null while that is not known.</summary>
    public bool? IsSynchronous { get; private set; }

    /// <summary>Why it cannot do its work right now.</summary>
    public Problem? Problem { get; private set; }

    /// <param name="settings">The stream that is watched; its folder keeps what was set aside.</param>
    /// <param name="wait">How long a commit may wait for us.</param>
    /// <param name="connection">For SQL, with the rights that docs/errors/wal-watchdog-rights.md names.</param>
    public static SyncWatchdog Create(
        WalStreamSettings settings,
        TimeSpan wait,
        ConnectionSettings connection,
        TimeProvider time,
        Action<string> told
    )
    {
        var named = connection with { ApplicationName = $"{settings.Slot}-watchdog" };
        return new SyncWatchdog(
            settings,
            wait,
            token => PostgresConnection.OpenAsync(named, SessionKind.Sql, time, token),
            time,
            told
        );
    }

    /// <summary>Watches until it is told to stop.</summary>
    /// <param name="stalledSince">Since when the spool takes nothing, as a timestamp; null while it does.</param>
    /// <exception cref="ResurgamException">The role lacks a right: found at the first connection.</exception>
    public async Task RunAsync(Func<long?> stalledSince, CancellationToken cancellationToken)
    {
        _aside = ReadAside();
        var period = TimeSpan.FromMilliseconds(Math.Clamp(_wait.TotalMilliseconds / 5, 50, 1000));
        using var timer = new PeriodicTimer(period, _time);
        try
        {
            do await TickGuardedAsync(stalledSince, period, cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            await CloseAsync();
        }
    }

    private async Task TickGuardedAsync(Func<long?> stalledSince, TimeSpan period, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(QueryLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await TickAsync(stalledSince, period, either.Token);
            Problem = null;
        }
        catch (ResurgamException e) when (_wasChecked || e.Problem.Remedy == Remedy.Retry)
        {
            Problem = e.Problem; // shown in the status; the next tick tries again
            await CloseAsync();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Problem = WatchdogProblems.Slow(QueryLimit).Problem;
            await CloseAsync();
        }
    }

    private async Task TickAsync(Func<long?> stalledSince, TimeSpan period, CancellationToken cancellationToken)
    {
        if (_sql is null)
        {
            _sql = await _connect(cancellationToken);
            await _sql.QueryAsync("SET synchronous_commit = local", cancellationToken);
            await CheckRightsAsync(_sql, cancellationToken);
            _wasChecked = true;
        }
        var seen = await LookAsync(_sql, cancellationToken);
        var set = SynchronousStandbys.Parse(seen.Setting);
        IsSynchronous = set.Contains(_name);
        if (_aside is not null)
        {
            await ConsiderReturnAsync(_sql, seen, _aside, cancellationToken);
            return;
        }
        if (!set.Contains(_name))
            return;
        _waits.Saw(seen.Waiting, seen.ServerEnd, _time.GetTimestamp());
        // One more period would be too late.
        var patience = _wait - period;
        var waitsForUs = _waits.Oldest(seen.OurFlush) is { } since && _time.GetElapsedTime(since) >= patience;
        var isStalled = stalledSince() is { } began && _time.GetElapsedTime(began) >= patience;
        if (waitsForUs || isStalled)
            await LeaveAsync(_sql, seen, set, cancellationToken);
    }

    private async Task LeaveAsync(
        PostgresConnection sql,
        Look seen,
        SynchronousStandbys set,
        CancellationToken cancellationToken
    )
    {
        if (seen.Source == "command line")
            throw WatchdogProblems.Powerless("it was given on the server's command line");
        var aside = new SetAside(seen.Setting, set.Without(_name, seen.Connected).ToString(), seen.IsFromAlterSystem);
        WriteAside(aside);
        _aside = aside;
        _healthySince = null;
        await SetAsync(sql, aside.Replacement, cancellationToken);
        _leftAt = _time.GetTimestamp();
        IsSynchronous = false;
        _told(
            $"left synchronous_standby_names, for commits waited {_wait.TotalSeconds:0.#} s for '{_name}': "
                + $"'{aside.Original}' is now '{aside.Replacement}'; a loss of the database may cost data until it is put back"
        );
    }

    private async Task ConsiderReturnAsync(
        PostgresConnection sql,
        Look seen,
        SetAside aside,
        CancellationToken cancellationToken
    )
    {
        if (seen.Setting == aside.Original && IsSynchronous == true)
        {
            // The server reloads when it comes to it: what we have just set may not be there yet.
            if (_leftAt is { } leftAt && _time.GetElapsedTime(leftAt) < QueryLimit)
                return;
            // Put back by hand, or we were killed halfway out: a change that was written and not loaded must not come later.
            await SetAsync(sql, aside.WasAlterSystem ? aside.Original : null, cancellationToken);
            Forget();
            return;
        }
        if (seen.Setting != aside.Replacement)
        {
            _told($"synchronous_standby_names was changed to '{seen.Setting}' by somebody else: it stays so");
            Forget();
            return;
        }
        var isHealthy =
            seen.OurFlush is { } flush
            && seen.ServerEnd.Value - Math.Min(flush.Value, seen.ServerEnd.Value) <= HealthyLagBytes;
        _healthySince = isHealthy ? _healthySince ?? _time.GetTimestamp() : null;
        if (_healthySince is not { } since || _time.GetElapsedTime(since) < _wait)
            return;
        await SetAsync(sql, aside.WasAlterSystem ? aside.Original : null, cancellationToken);
        _told($"the stream keeps up again: synchronous_standby_names is '{aside.Original}' as before");
        Forget();
        IsSynchronous = true;
    }

    private void Forget()
    {
        File.Delete(_path);
        (_aside, _leftAt, _healthySince) = (null, null, null);
        _waits.Clear();
    }

    /// <param name="value">Null: what postgresql.conf says.</param>
    private static async Task SetAsync(PostgresConnection sql, string? value, CancellationToken cancellationToken)
    {
        // Neither runs inside a transaction block, so each is a query of its own. They write no WAL and wait for nobody.
        await sql.QueryAsync(
            value is null
                ? "ALTER SYSTEM RESET synchronous_standby_names"
                : $"ALTER SYSTEM SET synchronous_standby_names = {SqlText.Literal(value)}",
            cancellationToken
        );
        await sql.QueryAsync("SELECT pg_catalog.pg_reload_conf()", cancellationToken);
    }

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

    private async Task<Look> LookAsync(PostgresConnection sql, CancellationToken cancellationToken)
    {
        var rows = await sql.QueryAsync(
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
        var look = new Look();
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

    private async Task CloseAsync()
    {
        if (_sql is { } sql)
            await sql.DisposeAsync();
        _sql = null;
        IsSynchronous = null;
    }

    private SetAside? ReadAside() =>
        File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), WatchdogJson.Default.SetAside) : null;

    private void WriteAside(SetAside aside)
    {
        // On a full disk it must work, too: the commits that wait are waiting because of it.
        try
        {
            var temporary = _path + ".tmp";
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            {
                RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(aside, WatchdogJson.Default.SetAside), 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(temporary, _path, overwrite: true);
            DirectorySync.Flush(Path.GetDirectoryName(_path) ?? "/");
        }
        catch (IOException e)
        {
            _told(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"could not note '{aside.Original}' in {_path} ({e.Message}): only this process knows what to put back"
                )
            );
        }
    }

    private sealed class Look
    {
        public string Setting { get; set; } = "";
        public string Source { get; set; } = "";
        public bool IsFromAlterSystem { get; set; }
        public Lsn ServerEnd { get; set; }
        public Lsn? OurFlush { get; set; }
        public List<string> Waiting { get; } = [];
        public List<string> Connected { get; } = [];
    }
}
