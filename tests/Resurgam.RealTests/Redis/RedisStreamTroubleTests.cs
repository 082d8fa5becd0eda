using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Redis;

/// <summary>What kills, networks, disks and stores do to a server's stream: what was acknowledged comes back, and once.</summary>
public sealed class RedisStreamTroubleTests(ITestOutputHelper output)
{
    private const int KillPoints = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> ServersThatKeepTheirDataOrNot =>
        [.. RedisServers.All.SelectMany(row => new[] { (row.Data, "yes"), (row.Data, "no") })];

    /// <summary>The server that makes an RDB of the commands ends with the restore that started it.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_restore_killed_while_its_server_replays_leaves_no_server_and_goes_on(string server)
    {
        RedisServerOptions options = new() { Server = server, Settings = [("enable-debug-command", "yes")] };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        await using (var stream = await world.StartStreamAsync())
        {
            await world.Server.RunAsync(Token, "SET behind 1");
            await world.AcknowledgedAsync();
            await world.StreamStatusAsync();
            stream.Kill();
            await stream.WaitForExitAsync(Token);
        }
        await world.SlowDownAsync();
        var to = world.Combine("to");

        string? served;
        await using (var restore = world.Start("restore", RedisWorld.Asset, "--to", to))
        {
            await Eventually.HoldsAsync("its server", () => ServerIn(to) is not null, Token);
            served = ServerIn(to);
            restore.Kill();
            await restore.WaitForExitAsync(Token);
        }
        await Eventually.HoldsAsync("the end of its server", () => !Directory.Exists(served), Token);
        await world.WritePlanAsync("plan.yaml", $"socket: {world.Server.Socket}");
        await world.RunAsync("restore", RedisWorld.Asset, "--to", to);

        await world.AssertSameAsync(to, options);
    }

    /// <returns>Number of the process that works below a folder, as only its server does; null when none does.</returns>
    private static string? ServerIn(string folder) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(process => Path.GetFileName(process).All(char.IsAsciiDigit))
            .FirstOrDefault(process =>
                new DirectoryInfo($"{process}/cwd").LinkTarget?.StartsWith($"{folder}/", StringComparison.Ordinal)
                == true
            );

    /// <summary>Transactions wait for the stream. It dies again and again, then the server dies, too.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_stream_killed_at_any_moment_loses_no_acknowledged_write_and_repeats_none(string server)
    {
        var random = TestSeed.NewRandom(output);
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Server = server },
            TestContext.Current.CancellationToken
        );
        var stream = await world.StartStreamAsync();
        try
        {
            AckedWriter writer = new(world.Server);
            var writing = writer.RunAsync(Token);
            for (var point = 0; point < KillPoints; point++)
            {
                var enough = writer.Acknowledged + random.Next(1, 400);
                await Eventually.HoldsAsync($"{enough} writes", () => writer.Acknowledged >= enough, Token);
                stream.Kill();
                await stream.DisposeAsync();
                stream = await world.StartStreamAsync();
            }
            var last = writer.Acknowledged + 100;
            await Eventually.HoldsAsync($"{last} writes", () => writer.Acknowledged >= last, Token);
            await world.Server.KillAsync(Token);
            stream.Kill();
            await stream.DisposeAsync();
            await writing;
            stream = world.Start("wal", "stream", RedisWorld.Asset); // without a server: it empties its spool
            await world.StreamSaysAsync(said => said.ProcessId == stream.Id && said.StreamProblem is not null);
            stream.Signal(15);
            await stream.WaitForExitAsync(Token);

            await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));

            await using var copy = await world.ServeAsync(world.Combine("to"), new RedisServerOptions());
            var (ids, count) = await AckedWriter.ReadAsync(copy, Token);
            output.WriteLine($"{writer.Acknowledged} acknowledged, {ids.Count} recovered");
            Assert.Equal(Enumerable.Range(1, ids.Count), ids);
            Assert.Equal(ids.Count, count);
            Assert.InRange(ids.Count, writer.Acknowledged, writer.Acknowledged + 1); // one may have been on its way
            Assert.Equal(1, await world.CountSnapshotsAsync());
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>It comes back with another replication id: with its data, or with nothing.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(ServersThatKeepTheirDataOrNot))]
    public async Task A_server_that_was_killed_gives_a_new_base_and_what_was_before_stays_restorable(
        string server,
        string appendOnly
    )
    {
        RedisServerOptions options = new()
        {
            Server = server,
            Settings = [("appendonly", appendOnly), ("appendfsync", "always"), ("enable-debug-command", "yes")],
        };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await using var stream = await world.StartStreamAsync();
        await world.Server.FillAsync(Token);
        await world.AcknowledgedAsync();
        var before = await world.StreamStatusAsync();
        var digest = await world.DigestAsync(world.Server);
        await world.Server.KillAsync(Token);
        await world.StreamSaysAsync(said => said.StreamProblem is not null);
        await world.Server.StartAgainAsync(Token);
        await world.OnlineAsync(world.Server);
        await world.Server.RunAsync(Token, "SET after 1");
        await world.AcknowledgedAsync();
        var after = await world.StreamStatusAsync();
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        var until = before.GetProperty("recoveryPoints")[0].GetProperty("until").GetString() ?? "";
        await world.RunAsync("restore", RedisWorld.Asset, "--at", until, "--to", world.Combine("then"));
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("last"));

        Assert.Equal(2, after.GetProperty("recoveryPoints").GetArrayLength());
        Assert.Equal(0, after.GetProperty("lossOfDatabase").GetProperty("bytes").GetInt64());
        Assert.Equal(2, await world.CountSnapshotsAsync());
        Assert.Equal(1, await CountGapsAsync(world));
        await world.AssertSameAsync(world.Combine("last"), options);
        await using var then = await world.ServeAsync(world.Combine("then"), options);
        Assert.Equal(digest, await world.DigestAsync(then));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_network_that_holds_everything_back_ends_nothing_and_the_loss_that_it_makes_is_told()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        await using CutNetwork network = new(world.Server.Port);
        await world.WritePlanAsync("plan.yaml", $"host: 127.0.0.1, port: {network.Port}");
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        await world.StreamSaysAsync(said => said.SpoolSecuredAt is not null);

        network.Hold();
        var heldAt = DateTimeOffset.UtcNow;
        await world.Server.RunAsync(Token, "SET held 1");
        await world.StreamSaysAsync(said => said.UpdatedAt > heldAt.AddSeconds(3));
        var held = Said(world);
        network.Release();
        await world.AcknowledgedAsync();

        Assert.True(held.SpoolSecuredAt <= heldAt, held.ToString());
        await world.StreamStatusAsync();
        Assert.Equal(1, Said(world).Sessions);
        Assert.Equal(1, await world.CountSnapshotsAsync());
    }

    /// <summary>As a server that hangs, or a firewall that has forgotten the connection.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_server_that_says_nothing_any_more_is_given_up()
    {
        await using var server = await RedisServer.StartAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        await using CutNetwork network = new(server.Port);
        ConnectionSettings settings = new()
        {
            Host = "127.0.0.1",
            Port = network.Port,
            SilenceLimit = TimeSpan.FromSeconds(1),
        };
        await using var session = await RedisConnection.OpenAsync(settings, TimeProvider.System, Token);
        network.Hold();
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => session.AskAsync(["PING"], Token));
        Assert.Equal("redis-silent", failure.Problem.Code);
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_network_that_was_cut_costs_nothing_while_the_server_has_the_commands(string server)
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Server = server, Tcp = true },
            TestContext.Current.CancellationToken
        );
        await using CutNetwork network = new(world.Server.Port);
        await world.WritePlanAsync("plan.yaml", $"host: 127.0.0.1, port: {network.Port}");
        await world.Server.FillAsync(Token);
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        for (var round = 0; round < 2; round++)
        {
            network.Cut();
            await world.StreamSaysAsync(said =>
                said.StreamProblem?.Code is "redis-connection-lost" && said.Sessions == round + 1
            );
            await world.Server.RunAsync(Token, $"SET cut:{round} 1", "INCR cuts");
            network.Mend();
            await world.AcknowledgedAsync();
        }
        var status = await world.StreamStatusAsync();
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        Assert.Equal(1, status.GetProperty("recoveryPoints").GetArrayLength());
        Assert.Equal(1, await world.CountSnapshotsAsync());
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await using var copy = await world.ServeAsync(world.Combine("to"), new RedisServerOptions());
        Assert.Equal("2", (await copy.AskAsync(Token, "GET", "cuts")).AsText);
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_network_that_was_cut_for_too_long_costs_only_the_points_in_between(string server)
    {
        RedisServerOptions options = new()
        {
            Server = server,
            Tcp = true,
            Settings = [("enable-debug-command", "yes"), ("repl-backlog-size", "16384")],
        };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await using CutNetwork network = new(world.Server.Port);
        await world.WritePlanAsync("plan.yaml", $"host: 127.0.0.1, port: {network.Port}");
        await using var stream = await world.StartStreamAsync();
        await world.Server.RunAsync(Token, "SET before 1");
        await world.AcknowledgedAsync();
        var before = await world.StreamStatusAsync();

        network.Cut();
        await world.StreamSaysAsync(said => said.StreamProblem is not null);
        for (var i = 0; i < 40; i++)
            await world.Server.AskAsync(Token, "SET", $"filler:{i}", new string('x', 1000));
        network.Mend();
        await world.AcknowledgedAsync();
        var after = await world.StreamStatusAsync();
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        var until = before.GetProperty("recoveryPoints")[0].GetProperty("until").GetString() ?? "";
        await world.RunAsync("restore", RedisWorld.Asset, "--at", until, "--to", world.Combine("then"));
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("last"));
        Assert.Equal(2, after.GetProperty("recoveryPoints").GetArrayLength());
        Assert.Equal(1, await CountGapsAsync(world));
        await world.AssertSameAsync(world.Combine("last"), options with { Tcp = false });
        await using var then = await world.ServeAsync(world.Combine("then"), new RedisServerOptions());
        Assert.Equal("1", (await then.AskAsync(Token, "GET", "before")).AsText);
        Assert.Equal("", (await then.AskAsync(Token, "GET", "filler:0")).AsText);
    }

    /// <summary>The store is away, so that the spool fills its disk; when the store is back, the spool empties itself and there is room.</summary>
    [Fact(Timeout = 180_000)]
    public async Task A_full_disk_under_the_spool_is_told_and_the_stream_goes_on_when_there_is_room()
    {
        RedisServerOptions options = new()
        {
            Settings = [("enable-debug-command", "yes"), ("repl-backlog-size", "256mb"), ("rdbcompression", "no")],
        };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await using var disk = await Mount.TemporaryAsync(world.Combine("state/wal"), megabytes: 40, Token);
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        Directory.Move(world.Vault, world.Vault + ".away");
        for (var i = 0; i < 60; i++)
            await world.Server.AskAsync(
                Token,
                "SET",
                string.Create(CultureInfo.InvariantCulture, $"filler:{i}"),
                new string((char)('a' + (i % 26)), 1 << 20)
            );
        await world.StreamSaysAsync(said => said.StreamProblem?.Code == "wal-spool-full");
        var full = await world.TryRunAsync("wal", "status", RedisWorld.Asset);
        Directory.Move(world.Vault + ".away", world.Vault);

        await world.AcknowledgedAsync();
        var status = await world.StreamStatusAsync();
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        Assert.True(full.ExitCode == 30, full.ToString());
        Assert.Contains("no room left", full.Output, StringComparison.Ordinal);
        Assert.Contains("there is no store at", full.Output, StringComparison.Ordinal);
        Assert.Empty(status.GetProperty("problems").EnumerateArray());
        Assert.Equal(1, await world.CountSnapshotsAsync());
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await world.AssertSameAsync(world.Combine("to"), options);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_store_that_is_away_stops_no_stream_and_the_loss_is_told_all_the_while()
    {
        RedisServerOptions options = new() { Settings = [("enable-debug-command", "yes")] };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        await world.StreamStatusAsync();
        Directory.Move(world.Vault, world.Vault + ".away");
        for (var i = 0; i < 200; i++)
            await world.Server.AskAsync(Token, "SET", $"away:{i}", new string('x', 100));
        await world.AcknowledgedAsync();
        var writtenAt = DateTimeOffset.UtcNow;
        await world.StreamSaysAsync(said => said.StoreProblem is not null && said.SpoolSecuredAt > writtenAt);

        var exit = await world.TryRunAsync("wal", "status", RedisWorld.Asset, "--output", "json");

        Assert.True(exit.ExitCode == 30, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var (database, site) = (document.RootElement.GetProperty("lossOfDatabase"), Loss(document, "lossOfSite"));
        Assert.Equal(0, database.GetProperty("bytes").GetInt64());
        Assert.InRange(site.GetProperty("bytes").GetInt64(), 200 * 100, 1 << 20);
        Assert.True(site.GetProperty("seconds").GetDouble() > database.GetProperty("seconds").GetDouble());
        Assert.Contains("there is no store at", exit.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(world.Vault)); // nothing was put where the store is not

        Directory.Move(world.Vault + ".away", world.Vault);
        await world.StreamStatusAsync();
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);
        await world.RunAsync("vault", "check", "--read-data");
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await world.AssertSameAsync(world.Combine("to"), options);

        static JsonElement Loss(JsonDocument document, string name) => document.RootElement.GetProperty(name);
    }

    /// <summary>It is as fast as its bandwidth lets it be: the spool takes what waits, and what waits is told.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_slow_store_stops_no_stream_and_gets_everything_in_the_end()
    {
        RedisServerOptions options = new() { Settings = [("enable-debug-command", "yes")] };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.WritePlanAsync("plan.yaml", $"socket: {world.Server.Socket}", ", bandwidth: 50 KiB/s");
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        var random = new Random(1);
        for (var round = 0; round < 2; round++) // the second has to wait for the first
        {
            for (var i = 0; i < 8; i++)
            {
                var noise = new byte[1 << 15];
                random.NextBytes(noise);
                await world.Server.AskAsync(
                    Token,
                    "SET",
                    string.Create(CultureInfo.InvariantCulture, $"noise:{round}:{i}"),
                    Convert.ToBase64String(noise)
                );
            }
            await world.AcknowledgedAsync();
            var writtenAt = DateTimeOffset.UtcNow;
            await world.StreamSaysAsync(said => said.SpoolSecuredAt > writtenAt);
        }
        var behind = Said(world);
        var asked = await world.AskAsync("wal", "status", RedisWorld.Asset);
        await world.StreamStatusAsync();
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        Assert.Null(behind.StreamProblem);
        Assert.True(behind.StoreSecuredAt < behind.SpoolSecuredAt, behind.ToString());
        Assert.True(asked.GetProperty("isStreaming").GetBoolean(), asked.ToString()); // though the question took its time, too
        Assert.Equal(0, asked.GetProperty("lossOfDatabase").GetProperty("bytes").GetInt64());
        await world.WritePlanAsync("plan.yaml", $"socket: {world.Server.Socket}");
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await world.AssertSameAsync(world.Combine("to"), options);
    }

    [Fact(Timeout = 120_000)]
    public async Task Counts_of_two_histories_are_not_compared()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions(),
            TestContext.Current.CancellationToken
        );
        await using (var stream = await world.StartStreamAsync())
        {
            await world.Server.FillAsync(Token);
            await world.AcknowledgedAsync();
            await world.StreamStatusAsync();
            stream.Signal(15);
            await stream.WaitForExitAsync(Token);
        }
        await world.Server.KillAsync(Token);
        await world.Server.StartAgainAsync(Token); // it counts from the beginning again

        var status = await world.TryRunAsync("wal", "status", RedisWorld.Asset, "--output", "json");

        using var document = JsonDocument.Parse(status.Output);
        foreach (var name in new[] { "lossOfDatabase", "lossOfSite" })
            Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty(name).GetProperty("bytes").ValueKind);
    }

    /// <summary>The promise: at most two seconds. Asked under load, by the clock of a machine that has other work.</summary>
    [Fact(Timeout = 120_000)]
    public async Task Under_load_the_loss_stays_within_its_bound()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions(),
            TestContext.Current.CancellationToken
        );
        await using var stream = await world.StartStreamAsync();
        using CancellationTokenSource stop = new();
        var load = LoadAsync(world.Server, stop.Token);
        await world.StreamSaysAsync(said => said.StoreSecuredAt is not null);
        List<double> seconds = [];
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(10); )
        {
            seconds.Add((DateTimeOffset.UtcNow - (Said(world).StoreSecuredAt ?? default)).TotalSeconds);
            await Eventually.PauseAsync(Token);
        }
        await stop.CancelAsync();
        var commands = await load;
        var (median, most) = (seconds.Order().ElementAt(seconds.Count / 2), seconds.Max());
        output.WriteLine(
            $"{commands} commands; loss of site as it is told: median {median:0.00} s, most {most:0.00} s"
        );
        Assert.InRange(median, 0, 2);
    }

    private static async Task<long> LoadAsync(RedisServer server, CancellationToken stop)
    {
        await using var session = await RedisConnection.OpenAsync(server.Settings, TimeProvider.System, Token);
        long commands = 0;
        for (; !stop.IsCancellationRequested; commands += 100)
            await session.AskAsync(
                ["EVAL", "for i = 1, 100 do redis.call('set', 'load' .. i, ARGV[1]) end", "0", new string('x', 200)],
                Token
            );
        return commands;
    }

    private static WalStreamStatus Said(RedisWorld world)
    {
        var said = world.FindStream();
        Assert.NotNull(said);
        return said;
    }

    private static async Task<int> CountGapsAsync(RedisWorld world)
    {
        var ledger = await world.RunAsync("ledger", "show", "--stream", $"asset.{RedisWorld.Asset}");
        return ledger.Split("stream-gap").Length - 1;
    }

    /// <summary>One transaction after the other, each waiting until the stream has it; what was acknowledged, it counts.</summary>
    private sealed class AckedWriter(RedisServer server)
    {
        private int _acknowledged;

        public int Acknowledged => Volatile.Read(ref _acknowledged);

        /// <summary>Ends when the server does.</summary>
        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                await using var session = await RedisConnection.OpenAsync(
                    server.Settings,
                    TimeProvider.System,
                    cancellationToken
                );
                for (var id = 1; ; id++)
                {
                    await session.AskAsync(["MULTI"], cancellationToken);
                    await session.AskAsync(
                        ["RPUSH", "acked", id.ToString(CultureInfo.InvariantCulture)],
                        cancellationToken
                    );
                    await session.AskAsync(["INCR", "count"], cancellationToken);
                    await session.AskAsync(["EXEC"], cancellationToken);
                    while (
                        await session.AskAsync(["WAIT", "1", "1000"], cancellationToken)
                            is not RespValue.Number { Value: >= 1 }
                    ) { }
                    Volatile.Write(ref _acknowledged, id);
                }
            }
            catch (ResurgamException)
            {
                // The server was killed: what it has acknowledged is counted.
            }
        }

        /// <returns>What came back: every number that was appended, and how often one was counted.</returns>
        public static async Task<(IReadOnlyList<int> Ids, int Count)> ReadAsync(
            RedisServer copy,
            CancellationToken cancellationToken
        )
        {
            var list = await copy.AskAsync(cancellationToken, "LRANGE", "acked", "0", "-1");
            var count = await copy.AskAsync(cancellationToken, "GET", "count");
            return (
                [
                    .. Assert
                        .IsType<RespValue.List>(list)
                        .Items.Select(item => int.Parse(item.AsText, CultureInfo.InvariantCulture)),
                ],
                int.Parse(count.AsText, CultureInfo.InvariantCulture)
            );
        }
    }
}
