using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>How safe a cluster's WAL is at this moment, seen from the server, the spool and the store.</summary>
public sealed record WalStatus
{
    public required DateTimeOffset At { get; init; }

    /// <summary>What the stream says of itself; null when none ever ran here.</summary>
    public WalStreamStatus? Stream { get; init; }

    /// <inheritdoc cref="WalStreamStatus.IsStreamingAt"/>
    public bool IsStreaming => SlotProblem is null && Stream?.IsStreamingAt(At) == true;

    /// <summary>The server has given up what the slot was to keep: no stream goes on from there, whatever it last said of itself.</summary>
    public Problem? SlotProblem => Server?.Slot is { WalState: "lost" } ? WalStreamProblems.SlotLost(SlotName) : null;

    /// <summary>Commits wait for a stream that does not run.</summary>
    public Problem? HangProblem =>
        Server is { IsAwaited: true } server && !IsStreaming
            ? WatchdogProblems.CommitsWait(AssetName, SlotName, Stream?.IsWatchedAt(At) == true, server.WaitingCommits)
        : Server is null ? Stream?.FindHangAt(At)
        : null;

    public required string AssetName { get; init; }

    public required string SlotName { get; init; }

    /// <summary>What the server says; null when it could not be asked.</summary>
    public WalServerStatus? Server { get; init; }

    /// <summary>Why the server could not be asked.</summary>
    public Problem? ServerProblem { get; init; }

    /// <summary>What the store covers; null when it could not be asked.</summary>
    public WalCoverage? Coverage { get; init; }

    public Problem? StoreProblem { get; init; }

    /// <summary>The WAL of the newest snapshot: what is missing before it keeps no recovery from the newest point. Null: not known.</summary>
    public WalRange? NewestBackup { get; init; }

    /// <summary>WAL that is missing between the oldest and the newest in the store, and before no snapshot.</summary>
    public IReadOnlyList<WalRange> Gaps => [.. AllGaps.Where(gap => !IsBehindUs(gap))];

    /// <summary>WAL that is missing, and that the newest snapshot has made up for: only what happened in it cannot be reached.</summary>
    public IReadOnlyList<WalRange> CoveredGaps => [.. AllGaps.Where(IsBehindUs)];

    private IEnumerable<WalRange> AllGaps => Coverage?.Timelines.SelectMany(t => t.Gaps) ?? [];

    /// <summary>What the loss of the database's machine would cost: what is not in the spool.</summary>
    public LossBound LossOfDatabase => Bound(Stream?.SpooledLsn, Stream?.SpoolSecuredAt);

    /// <summary>What the loss of everything but the store would cost.</summary>
    public LossBound LossOfSite => Bound(Stream?.ShippedLsn ?? StoreEnd?.ToString(), Stream?.StoreSecuredAt);

    public Lsn? StoreEnd => Coverage?.Timelines is [.., var newest] ? newest.End : null;

    /// <param name="settings">Where the stream keeps its spool, and the name of its slot.</param>
    /// <param name="connection">For SQL; a role that may read <c>pg_replication_slots</c>, which is every role.</param>
    public static async Task<WalStatus> ReadAsync(
        WalStreamSettings settings,
        ConnectionSettings connection,
        Func<CancellationToken, ValueTask<WalArchive>> openArchive,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (coverage, storeProblem) = await TryAsync(async () =>
            await (await openArchive(cancellationToken)).CoverageAsync(cancellationToken)
        );
        // A store may be slow: what the stream says of itself is as old as its file, and no older. The server is asked last, so that it is never behind.
        var (stream, now) = (WalStreamStatus.Find(settings.Folder), time.GetUtcNow());
        var (server, serverProblem) = await TryAsync(() =>
            WalServerStatus.ReadAsync(connection, settings.Slot, time, cancellationToken)
        );
        return new WalStatus
        {
            At = now,
            AssetName = settings.Asset,
            SlotName = settings.Slot,
            Stream = stream,
            Server = server,
            ServerProblem = serverProblem,
            Coverage = coverage,
            StoreProblem = storeProblem,
        };
    }

    private bool IsBehindUs(WalRange gap) =>
        NewestBackup is { } backup
        && (gap.Timeline < backup.Timeline || (gap.Timeline == backup.Timeline && gap.End <= backup.Start));

    private static async Task<(T? Value, Problem? Problem)> TryAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return (await read(), null);
        }
        catch (ResurgamException e)
        {
            return (null, e.Problem); // the rest of the status is worth more now than ever
        }
    }

    private LossBound Bound(string? reached, DateTimeOffset? securedAt) =>
        new(
            Server is { } server && Lsn.TryParse(reached, out var lsn)
                ? new ByteSize((long)(server.End.Value - Math.Min(server.End.Value, lsn.Value)))
                : null,
            securedAt is { } at && At >= at ? At - at : null // later than now: the clock was set back since
        );
}

/// <summary>The server's view.</summary>
/// <param name="End">Where its WAL ends.</param>
/// <param name="Slot">Null when there is no slot of that name.</param>
public sealed record WalServerStatus(Lsn End, WalSlotStatus? Slot)
{
    /// <summary>Our state in <c>pg_stat_replication</c>: <c>async</c>, <c>sync</c>, <c>quorum</c>; null when not connected.</summary>
    public string? SyncState { get; init; }

    /// <summary><c>synchronous_standby_names</c> names us.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>Sessions that wait at this moment for a standby to acknowledge a commit; those that the role may not see are left out.</summary>
    public int WaitingCommits { get; init; }

    internal static async Task<WalServerStatus> ReadAsync(
        ConnectionSettings connection,
        string slot,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await using var sql = await PostgresConnection.OpenAsync(connection, SessionKind.Sql, time, cancellationToken);
        var rows = await sql.QueryAsync(
            $"""
            WITH server AS (
              SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS lsn)
            SELECT server.lsn, s.slot_name, s.active, s.active_pid, s.wal_status, s.restart_lsn,
                   pg_wal_lsn_diff(server.lsn, s.restart_lsn)::bigint, s.safe_wal_size,
                   (SELECT r.sync_state FROM pg_stat_replication r WHERE r.pid = s.active_pid),
                   current_setting('synchronous_standby_names'),
                   (SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep')
              FROM server LEFT JOIN pg_replication_slots s ON s.slot_name = {SqlText.Literal(slot)}
            """,
            cancellationToken
        );
        var row = rows[0];
        var found = row[1] is null
            ? null
            : new WalSlotStatus
            {
                IsActive = row[2] == "t",
                ActivePid = row[3] is { } pid ? int.Parse(pid, CultureInfo.InvariantCulture) : null,
                WalState = row[4],
                Restart = Lsn.TryParse(row[5], out var restart) ? restart : null,
                Retained = Size(row[6]),
                Safe = Size(row[7]),
            };
        return new WalServerStatus(Lsn.Parse(row[0]), found)
        {
            SyncState = row[8],
            IsAwaited = SynchronousStandbys.Parse(row[9] ?? "").Contains(slot),
            WaitingCommits = int.Parse(row[10] ?? "0", CultureInfo.InvariantCulture),
        };
    }

    private static ByteSize? Size(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bytes)
            ? new ByteSize(Math.Max(0, bytes))
            : null;
}

/// <summary>A row of <c>pg_replication_slots</c>.</summary>
public sealed record WalSlotStatus
{
    public bool IsActive { get; init; }

    public int? ActivePid { get; init; }

    /// <summary><c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>.</summary>
    public string? WalState { get; init; }

    public Lsn? Restart { get; init; }

    /// <summary>WAL that the server keeps because of the slot.</summary>
    public ByteSize? Retained { get; init; }

    /// <summary>How much more may be written before the slot is in danger; null without max_slot_wal_keep_size.</summary>
    public ByteSize? Safe { get; init; }
}
