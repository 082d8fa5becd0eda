using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>Every form of <c>--at</c>, from one vault, each to a cluster of its own that is started and asked.</summary>
public sealed class RecoveryTargetTests
{
    private const string Rows = "SELECT string_agg(said, ' ' ORDER BY said) FROM t";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task Every_recovery_point_brings_back_what_was_there_then()
    {
        await using var world = await ClusterWorld.CreateAsync(
            new PostgresServerOptions { Settings = [$"synchronous_standby_names = '{ClusterWorld.Slot}'"] },
            TestContext.Current.CancellationToken
        );
        await using var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        await AskAsync(world, "CREATE TABLE t (said text)");
        await AskAsync(world, "INSERT INTO t VALUES ('1-backup')");
        await world.RunAsync("backup", ClusterWorld.Asset);
        await AskAsync(world, "INSERT INTO t VALUES ('2-time')");
        var time = await TimeAsync(world);
        await AskAsync(world, "INSERT INTO t VALUES ('3-lsn')");
        var lsn = await AskAsync(world, "SELECT pg_current_wal_insert_lsn()");
        await AskAsync(world, "INSERT INTO t VALUES ('4-name')");
        await AskAsync(world, "SELECT pg_create_restore_point('before the release')");
        await AskAsync(world, "INSERT INTO t VALUES ('5-before')");
        var transaction = await AskAsync(world, "INSERT INTO t VALUES ('6-wrong') RETURNING pg_current_xact_id()");
        await AskAsync(world, "INSERT INTO t VALUES ('7-latest')");
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        (string At, string Rows)[] points =
        [
            ("consistent", "1-backup"),
            (time, "1-backup 2-time"),
            (lsn, "1-backup 2-time 3-lsn"),
            ("name:before the release", "1-backup 2-time 3-lsn 4-name"),
            ($"before-xid:{transaction}", "1-backup 2-time 3-lsn 4-name 5-before"),
            ("latest", "1-backup 2-time 3-lsn 4-name 5-before 6-wrong 7-latest"),
        ];
        foreach (var (at, rows) in points)
            Assert.Equal(rows, (await world.AskRestoredAsync(Rows, "--at", at))[0][0]);

        var (waiting, _) = await world.StartRestoredAsync();
        var (free, _) = await world.StartRestoredAsync("--set", "synchronous_standby_names=");
        Assert.Contains(
            $"commits wait until a standby of synchronous_standby_names = '{ClusterWorld.Slot}'",
            waiting.Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("commits wait", free.Error, StringComparison.Ordinal);
        var (exit, _) = await world.StartRestoredAsync("--at", "name:nobody made this");
        Assert.Contains("recovery-target-not-reached", exit.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 180_000)]
    public async Task Both_sides_of_an_accepted_gap_come_back_and_nothing_crosses_it()
    {
        await using var world = await ClusterWorld.CreateAsync(
            new PostgresServerOptions
            {
                Settings =
                [
                    "wal_keep_size = '256MB'", // a backup copies its WAL in peace
                    "max_slot_wal_keep_size = '16MB'",
                    "max_wal_size = '32MB'",
                    "min_wal_size = '32MB'",
                ],
            },
            TestContext.Current.CancellationToken
        );
        string time;
        await using (var stream = world.Start("wal", "stream", ClusterWorld.Asset))
        {
            await world.Server.WaitForAsync("SELECT bool_or(active) FROM pg_replication_slots", "t", Token);
            await AskAsync(world, "CREATE TABLE t (said text)");
            await world.RunAsync("backup", ClusterWorld.Asset);
            await AskAsync(world, "INSERT INTO t VALUES ('1-before')");
            time = await TimeAsync(world);
            await AskAsync(world, "INSERT INTO t VALUES ('2-before')");
            stream.Signal(15);
            await stream.WaitForExitAsync(Token);
        }
        for (var i = 0; i < 6; i++)
            await AskAsync(world, "INSERT INTO t VALUES ('3-gap'); SELECT pg_switch_wal()");
        await AskAsync(world, "ALTER SYSTEM SET wal_keep_size = 0");
        await AskAsync(world, "SELECT pg_reload_conf()");
        await world.Server.WaitForAsync("CHECKPOINT; SELECT wal_status FROM pg_replication_slots", "lost", Token);
        await AskAsync(world, "DELETE FROM t WHERE said = '3-gap'");
        await AskAsync(world, "ALTER SYSTEM RESET wal_keep_size");
        await AskAsync(world, "SELECT pg_reload_conf()");

        string later;
        await using (var stream = world.Start("wal", "stream", ClusterWorld.Asset, "--accept-gap"))
        {
            await world.Server.WaitForAsync("SELECT bool_or(active) FROM pg_replication_slots", "t", Token);
            await AskAsync(world, "INSERT INTO t VALUES ('4-behind')");
            later = await TimeAsync(world);
            await AskAsync(world, "INSERT INTO t VALUES ('5-behind')");
            await AwaitStatusAsync(world, exitCode: 30, "\nGAP ");
            await world.RunAsync("backup", ClusterWorld.Asset);
            await AwaitStatusAsync(world, exitCode: 0, "\npast gap ");
            stream.Signal(15);
            await stream.WaitForExitAsync(Token);
        }

        Assert.Equal("1-before", (await world.AskRestoredAsync(Rows, "--at", time))[0][0]);
        Assert.Equal("1-before 2-before 4-behind 5-behind", (await world.AskRestoredAsync(Rows))[0][0]);
        var (exit, _) = await world.StartRestoredAsync("--at", later);
        Assert.Equal(20, exit.ExitCode);
        Assert.Contains("wal-gap", exit.Error, StringComparison.Ordinal);
        Assert.Contains((await world.SnapshotsAsync())[1][..8], exit.Error, StringComparison.Ordinal);
    }

    /// <summary>A stream says where it is once a second.</summary>
    private static async Task AwaitStatusAsync(ClusterWorld world, int exitCode, string line)
    {
        ResurgamExit? last = null;
        await Eventually.HoldsAsync(
            () => $"{exitCode} with '{line.Trim()}', and not {last}",
            async () =>
            {
                last = await world.TryRunAsync("wal", "status", ClusterWorld.Asset);
                return last.ExitCode == exitCode && last.Output.Contains(line, StringComparison.Ordinal);
            },
            Token
        );
    }

    private static Task<string> TimeAsync(ClusterWorld world) =>
        AskAsync(world, "SELECT to_char(clock_timestamp() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");

    private static async Task<string> AskAsync(ClusterWorld world, string sql) =>
        await world.Server.QueryAsync(sql, Token) is [[{ } value, ..], ..] ? value : "";
}
