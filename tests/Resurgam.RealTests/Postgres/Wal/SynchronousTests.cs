using System.Diagnostics;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Postgres.Wal;

public sealed class SynchronousTests
{
    private const string Synchronous = "synchronous_standby_names = 'resurgam'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_commit_that_returns_is_in_the_spool(int major)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { Settings = [Synchronous] },
            Token
        );
        await using var bench = new StreamBench(server);
        bench.Start();
        await using var sql = await server.OpenAsync(Token);
        await sql.QueryAsync("CREATE TABLE t (id int)", Token);
        foreach (var level in (string[])["on", "remote_apply"])
        {
            await sql.QueryAsync($"SET synchronous_commit = {level}", Token);
            for (var i = 0; i < 200; i++)
            {
                await sql.QueryAsync("INSERT INTO t VALUES (1)", Token);
                var end = Lsn.Parse(await sql.ScalarAsync("SELECT pg_current_wal_insert_lsn()", Token));
                // The insert position is the end of the commit record, or behind a page header after it.
                Assert.True(Lsn.Parse(bench.Stream!.Status.SpooledLsn) + 64 >= end);
            }
        }
        Assert.Equal("sync", await server.ScalarAsync("SELECT sync_state FROM pg_stat_replication", Token));
    }

    /// <summary>The spool is full because the store is away: commits wait no longer than allowed, and later all is as before.</summary>
    [Theory]
    [InlineData(15, false)]
    [InlineData(15, true)]
    [InlineData(18, true)]
    public async Task The_watchdog_leaves_the_set_when_the_spool_is_full_and_comes_back(int major, bool isAlterSystem)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { Settings = isAlterSystem ? [] : [Synchronous] },
            Token
        );
        if (isAlterSystem)
        {
            await server.QueryAsync($"ALTER SYSTEM SET {Synchronous}", Token);
            await server.QueryAsync("SELECT pg_reload_conf()", Token);
        }
        var isAway = false;
        var store = new FaultyStore(
            new MemoryStore(),
            (_, _) => Volatile.Read(ref isAway) ? StoreFault.Lost : StoreFault.None
        );
        await using var bench = new StreamBench(server, store);
        bench.Settings = bench.Settings with
        {
            SynchronousWait = TimeSpan.FromSeconds(2),
            SpoolLimit = new ByteSize(64 << 20),
        };
        bench.Start();
        await bench.WaitAsync(s => s is { IsSynchronous: true, State: WalStreamState.Streaming }, Token);
        await Load.InsertAsync(server, megabytes: 1, Token);
        Volatile.Write(ref isAway, true);

        // More than fits: some commit waits, and returns.
        var limit = Stopwatch.StartNew();
        await Load.InsertAsync(server, megabytes: 100, Token);

        Assert.True(limit.Elapsed < TimeSpan.FromSeconds(60));
        await bench.WaitAsync(s => s.IsSynchronous == false && s.StreamProblem?.Code == "wal-spool-full", Token);
        Assert.Equal("", await server.ScalarAsync("SHOW synchronous_standby_names", Token));
        Assert.Contains(bench.Told, t => t.Contains("left synchronous_standby_names", StringComparison.Ordinal));

        Volatile.Write(ref isAway, false);
        await bench.WaitAsync(s => s.IsSynchronous == true, Token);
        await server.WaitForAsync("SHOW synchronous_standby_names", "resurgam", Token);
        Assert.Equal(
            isAlterSystem ? "postgresql.auto.conf" : "postgresql.conf",
            Path.GetFileName(
                await server.ScalarAsync(
                    "SELECT sourcefile FROM pg_settings WHERE name = 'synchronous_standby_names'",
                    Token
                )
            )
        );
        await Load.InsertAsync(server, megabytes: 1, Token);
        var end = await bench.WaitShippedAsync(Token);
        Assert.True(await bench.CompareAsync(end, Token) >= 2);
    }

    /// <param name="hangs">The disk of the spool does not answer the watchdog either.</param>
    /// <param name="starts">False: the watchdog's process does not.</param>
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A_single_commit_waits_no_longer_than_allowed(bool hangs, bool starts)
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            new PostgresServerOptions { Settings = ["synchronous_standby_names = 'FIRST 1 (resurgam, nobody)'"] },
            Token
        );
        var isAway = false;
        var store = new FaultyStore(
            new MemoryStore(),
            (_, _) => Volatile.Read(ref isAway) ? StoreFault.Lost : StoreFault.None
        );
        await using var bench = new StreamBench(server, store);
        bench.Settings = bench.Settings with
        {
            SynchronousWait = TimeSpan.FromSeconds(2),
            SpoolLimit = new ByteSize(20 << 20),
        };
        if (!starts)
            bench.RunWatchdog = (_, _) => throw WatchdogProblems.Silent();
        using HangingFiles hanging = new(bench.Folder, $"{SyncWatchdog.FileName}.tmp", $"{WatchdogWord.FileName}.tmp");
        bench.Start();
        if (hangs)
            hanging.MoveTo(Path.Combine(bench.Folder, "db"));
        await bench.WaitAsync(s => s is { IsSynchronous: true, State: WalStreamState.Streaming }, Token);
        Volatile.Write(ref isAway, true);
        await server.QueryAsync("SET synchronous_commit = local; SELECT pg_switch_wal()", Token);
        await server.QueryAsync(
            "SET synchronous_commit = local; CREATE TABLE t AS SELECT repeat('x', 100) FROM generate_series(1, 300000)",
            Token
        );
        await bench.WaitAsync(s => s.StreamProblem?.Code == "wal-spool-full", Token);
        await bench.WaitAsync(s => s.WatchdogProblem is null == starts, Token);

        var limit = Stopwatch.StartNew();
        // The name of the standby that is not there stays: only the operator may give that up.
        using var stuck = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var commit = server.QueryAsync("CREATE TABLE u (id int)", stuck.Token);
        await server.WaitForAsync("SHOW synchronous_standby_names", "FIRST 1 (\"nobody\")", Token);
        Assert.InRange(limit.Elapsed.TotalSeconds, 0, 30); // without the watchdog it would wait for ever
        await server.QueryAsync("ALTER SYSTEM SET synchronous_standby_names = ''", Token);
        await server.QueryAsync("SELECT pg_reload_conf()", Token);
        await commit;
        await bench.WaitAsync(_ => bench.Told.Any(t => t.Contains("somebody else", StringComparison.Ordinal)), Token);
        Assert.Equal(
            hangs,
            bench.Told.Any(t => t.Contains("only this process knows what to put back", StringComparison.Ordinal))
        );
    }

    /// <summary>A busy server reloads its settings when it comes to it: until then the setting reads as before.</summary>
    [Fact]
    public async Task The_watchdog_comes_back_though_the_server_was_slow_to_let_it_leave()
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            new PostgresServerOptions { Settings = [Synchronous] },
            Token
        );
        var isAway = false;
        var store = new FaultyStore(
            new MemoryStore(),
            (_, _) => Volatile.Read(ref isAway) ? StoreFault.Lost : StoreFault.None
        );
        await using var bench = new StreamBench(server, store);
        bench.Settings = bench.Settings with
        {
            SynchronousWait = TimeSpan.FromSeconds(1),
            SpoolLimit = new ByteSize(20 << 20),
        };
        bench.Start();
        await bench.WaitAsync(s => s is { IsSynchronous: true, State: WalStreamState.Streaming }, Token);
        Volatile.Write(ref isAway, true);
        await using var sql = await server.OpenAsync(Token);
        await using var look = await server.OpenAsync(Token);
        await sql.QueryAsync("SET synchronous_commit = local; SELECT pg_switch_wal()", Token);
        await sql.QueryAsync("CREATE TABLE t AS SELECT repeat('x', 100) FROM generate_series(1, 300000)", Token);
        await bench.WaitAsync(s => s.StreamProblem?.Code == "wal-spool-full", Token);

        await server.SignalAsync("STOP", Token);
        try
        {
            await sql.QueryAsync("SET synchronous_commit = on", Token);
            var commit = sql.QueryAsync("CREATE TABLE u (id int)", Token);
            await bench.WaitAsync(_ => bench.Told.Any(t => t.StartsWith("left", StringComparison.Ordinal)), Token);
            HashSet<string?> looks = [];
            const string LastLook =
                "SELECT query_start FROM pg_stat_activity WHERE application_name = 'resurgam-watchdog'";
            while (looks.Count < 12)
                looks.Add(await look.ScalarAsync(LastLook, Token));
            Assert.Equal("resurgam", await look.ScalarAsync("SHOW synchronous_standby_names", Token));
            Assert.Single(bench.Told, t => t.StartsWith("left", StringComparison.Ordinal));
            await server.SignalAsync("CONT", Token);
            await commit;
        }
        finally
        {
            await server.SignalAsync("CONT", Token);
        }

        await server.WaitForAsync("SHOW synchronous_standby_names", "", Token);
        Volatile.Write(ref isAway, false);
        await server.WaitForAsync("SHOW synchronous_standby_names", "resurgam", Token);
        await bench.WaitAsync(s => s.IsSynchronous == true, Token);
    }
}
