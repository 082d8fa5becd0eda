using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Postgres.Wal;

public sealed class WalStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task All_that_was_written_reaches_the_store_byte_for_byte(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var bench = new StreamBench(server);
        bench.Start();
        await Load.InsertAsync(server, megabytes: 60, Token);

        var end = await bench.WaitShippedAsync(Token);

        Assert.True(await bench.CompareAsync(end, Token) >= 4);
        var status = bench.Stream!.Status;
        Assert.Null(status.Damage);
        Assert.Null(status.StreamProblem);
        Assert.NotNull(status.SpoolCommitAt);
        Assert.Equal(status.SpoolCommitAt, status.StoreCommitAt);
        Assert.InRange((DateTimeOffset.UtcNow - status.SpoolCommitAt.Value).TotalMinutes, -1, 5);
        await bench.WaitAsync(s => s.StoreSecuredAt > status.UpdatedAt, Token);
        await bench.StopAsync();
        // What is whole in the store has left the spool: one file is being written, two are kept for the next.
        Assert.InRange(
            Directory
                .GetFiles(bench.Folder, "*", SearchOption.AllDirectories)
                .Count(f => new FileInfo(f).Length > 1 << 19),
            1,
            3
        );
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_stream_that_is_stopped_again_and_again_loses_nothing(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var bench = new StreamBench(server);
        bench.Settings = bench.Settings with { StopLimit = TimeSpan.Zero };
        using var stop = new CancellationTokenSource();
        var load = Load.RunAsync(server, stop.Token);
        var random = new Random(major);
        for (var i = 0; i < 6; i++)
        {
            bench.Start();
            await bench.WaitAsync(s => s.SpoolSecuredAt is not null, Token);
            var enough = Lsn.Parse(bench.Stream!.Status.SpooledLsn) + (ulong)random.Next(2 << 20);
            await bench.WaitAsync(s => Lsn.Parse(s.SpooledLsn) >= enough, Token);
            await bench.StopAsync();
        }
        await stop.CancelAsync();
        await load;
        bench.Start();

        var end = await bench.WaitShippedAsync(Token);
        Assert.True(await bench.CompareAsync(end, Token) >= 1);
        Assert.Null(bench.Stream!.Status.Damage);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_promoted_standby_is_followed_to_its_timeline(int major)
    {
        await using var primary = await PostgresServer.StartAsync(major, null, Token);
        await using var standby = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { StandbyOf = primary },
            Token
        );
        await using var bench = new StreamBench(primary);
        bench.Start();
        await Load.InsertAsync(primary, megabytes: 20, Token);
        var end = await bench.WaitShippedAsync(Token);
        await standby.WaitForAsync($"SELECT pg_last_wal_replay_lsn() >= '{end}'", "t", Token);
        await bench.StopAsync();
        await primary.KillAsync(Token);
        await standby.PromoteAsync(Token);

        bench.Server = standby;
        bench.Start();
        await Load.InsertAsync(standby, megabytes: 20, Token);
        end = await bench.WaitShippedAsync(Token);

        Assert.True(await bench.CompareAsync(end, Token) >= 2);
        var archive = bench.Archive();
        Assert.Equal([1u, 2u], await archive.ListTimelinesAsync(Token));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(standby.DataDirectory, "pg_wal", "00000002.history"), Token),
            await archive.FindHistoryAsync(2, Token)
        );
    }

    /// <summary>A standby that is promoted under a stream ends the old timeline and goes on with the new one.</summary>
    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_stream_from_a_standby_lives_through_its_promotion(int major)
    {
        await using var primary = await PostgresServer.StartAsync(major, null, Token);
        await using var standby = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { StandbyOf = primary },
            Token
        );
        await using var bench = new StreamBench(standby);
        bench.Start();
        await Load.InsertAsync(primary, megabytes: 10, Token);
        await primary.StopAsync(StopMode.Fast, Token);
        await standby.PromoteAsync(Token);
        await Load.InsertAsync(standby, megabytes: 10, Token);

        var end = await bench.WaitShippedAsync(Token);

        Assert.True(await bench.CompareAsync(end, Token) >= 1);
        Assert.Equal([1u, 2u], await bench.Archive().ListTimelinesAsync(Token));
    }

    [Fact]
    public async Task A_server_that_restarts_or_is_killed_is_waited_for()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var bench = new StreamBench(server);
        bench.Start();
        await Load.InsertAsync(server, megabytes: 5, Token);
        await bench.WaitAsync(s => s is { State: WalStreamState.Streaming }, Token);
        await server.RestartAsync(Token);
        await Load.InsertAsync(server, megabytes: 5, Token);
        await bench.WaitAsync(s => s is { State: WalStreamState.Streaming, Sessions: >= 2 }, Token);
        await server.KillAsync(Token);
        await bench.WaitAsync(s => s.StreamProblem is not null, Token);
        await server.StartAgainAsync(Token);
        await Load.InsertAsync(server, megabytes: 5, Token);

        var end = await bench.WaitShippedAsync(Token);

        Assert.True(await bench.CompareAsync(end, Token) >= 1);
        Assert.Null(bench.Stream!.Status.StreamProblem);
        Assert.True(bench.Stream.Status.Sessions >= 3);
    }

    [Fact]
    public async Task Of_two_streams_the_second_waits_until_the_first_ends()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var first = new StreamBench(server);
        first.Start();
        await first.WaitAsync(s => s.State == WalStreamState.Streaming, Token);
        await using var second = new StreamBench(server, first.Memory);
        second.Start();
        await second.WaitAsync(s => s.StreamProblem?.Code == "postgres-slot-in-use", Token);

        var holder = await server.ScalarAsync("SELECT active_pid FROM pg_replication_slots", Token);
        Assert.NotNull(holder);
        Assert.Contains(holder, Assert.Single(second.Told), StringComparison.Ordinal);

        await Load.InsertAsync(server, megabytes: 5, Token);
        await first.WaitShippedAsync(Token);
        await first.StopAsync();
        await Load.InsertAsync(server, megabytes: 5, Token);

        var end = await second.WaitShippedAsync(Token);
        Assert.True(await second.CompareAsync(end, Token) >= 1);
    }

    [Fact]
    public async Task Two_streams_of_one_machine_are_told_apart_by_their_spool()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var first = new StreamBench(server);
        first.Start();
        await using var second = new StreamBench(server);
        second.Settings = first.Settings with { Folder = Path.Combine(first.Folder, "db") };
        var e = Assert.Throws<ResurgamException>(second.Start);
        Assert.Equal("wal-stream-running", e.Problem.Code);
    }

    [Fact]
    public async Task A_dropped_slot_is_made_again_and_nothing_is_missing_while_the_server_has_the_wal()
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            new PostgresServerOptions { Settings = ["wal_keep_size = '512MB'"] },
            Token
        );
        await using var bench = new StreamBench(server);
        bench.Start();
        await Load.InsertAsync(server, megabytes: 5, Token);
        await bench.StopAsync();
        await server.WaitForAsync("SELECT active FROM pg_replication_slots", "f", Token);
        await server.QueryAsync("SELECT pg_drop_replication_slot('resurgam')", Token);
        await Load.InsertAsync(server, megabytes: 20, Token);
        await server.QueryAsync("CHECKPOINT", Token);

        bench.Start();
        var end = await bench.WaitShippedAsync(Token);

        Assert.True(await bench.CompareAsync(end, Token) >= 1);
        Assert.Contains(bench.Told, t => t.Contains("was not there", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_slot_that_was_overtaken_is_a_problem_and_the_gap_is_accepted_only_when_told(int major)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions
            {
                Settings = ["max_slot_wal_keep_size = '32MB'", "max_wal_size = '64MB'", "min_wal_size = '32MB'"],
            },
            Token
        );
        await using var bench = new StreamBench(server);
        bench.Start();
        await Load.InsertAsync(server, megabytes: 5, Token);
        await bench.WaitShippedAsync(Token);
        await bench.StopAsync();
        await Load.InsertAsync(server, megabytes: 150, Token);
        await server.QueryAsync("CHECKPOINT", Token);
        await server.WaitForAsync("SELECT wal_status FROM pg_replication_slots", "lost", Token);

        bench.Start();
        var e = await Assert.ThrowsAsync<ResurgamException>(bench.RunAsync);
        Assert.True(e.Problem.Code is "wal-slot-lost" or "wal-stream-gap", e.Problem.ToString());
        await bench.EndAsync();

        bench.Settings = bench.Settings with { AcceptGap = true };
        bench.Start();
        await bench.WaitAsync(s => s.State == WalStreamState.Streaming && s.SpoolSecuredAt is not null, Token);
        await Load.InsertAsync(server, megabytes: 5, Token);
        await bench.WaitShippedAsync(Token);
        Assert.Contains(bench.Told, t => t.Contains("take a base backup", StringComparison.Ordinal));
        Assert.NotEmpty((await bench.Archive().CoverageAsync(Token)).Timelines[0].Gaps);
    }

    [Fact]
    public async Task Another_cluster_under_the_same_name_is_refused()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var other = await PostgresServer.StartAsync(
            15,
            new PostgresServerOptions { Checksums = false },
            Token
        );
        await using var bench = new StreamBench(server);
        bench.Start();
        await bench.WaitShippedAsync(Token);
        await bench.StopAsync();

        bench.Server = other;
        bench.Start();
        var e = await Assert.ThrowsAsync<ResurgamException>(bench.RunAsync);
        Assert.Equal("wal-foreign-system", e.Problem.Code);
        await bench.EndAsync();
    }

    [Fact]
    public async Task A_full_disk_does_not_silence_the_status()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        var folder = Directory.CreateTempSubdirectory("resurgam-full-").FullName;
        await using var small = await Mount.TemporaryAsync(folder, megabytes: 100, Token);
        await using var bench = new StreamBench(server);
        bench.Settings = bench.Settings with { Folder = Path.Combine(folder, "db") };
        bench.Start();
        await bench.WaitShippedAsync(Token);
        await small.FillAsync(freeKilobytes: 0, Token);
        var filledAt = TimeProvider.System.GetUtcNow();

        await Eventually.HoldsAsync(
            "a status from the full disk",
            () => WalStreamStatus.Find(bench.Settings.Folder) is { } said && said.UpdatedAt > filledAt,
            Token
        );

        await bench.StopAsync();
    }

    [Fact]
    public async Task A_store_that_fails_now_and_then_gets_everything()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        var memory = new MemoryStore();
        var random = new Random(1);
        var store = new FaultyStore(
            memory,
            (_, _) =>
                random.Next(3) switch
                {
                    0 => StoreFault.Lost,
                    1 => StoreFault.Unheard,
                    _ => StoreFault.None,
                }
        );
        await using var bench = new StreamBench(server, store);
        bench.Start();
        await Load.InsertAsync(server, megabytes: 20, Token);
        await bench.WaitShippedAsync(Token);
        await bench.StopAsync();

        await using var reader = new StreamBench(server, memory);
        Assert.True(await reader.CompareAsync(default, Token) >= 1);
    }
}
