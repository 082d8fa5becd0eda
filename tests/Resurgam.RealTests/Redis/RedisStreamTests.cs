using System.Globalization;
using System.Text.Json;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Redis;

/// <summary>A server's commands, kept as they come.</summary>
public sealed class RedisStreamTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task A_killed_stream_goes_on_without_a_gap_and_without_a_new_base()
    {
        await using var world = await RedisWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        for (var round = 0; round < 3; round++)
        {
            await using var stream = await StartAsync(world);
            for (var i = 0; i < 20; i++)
                await world.Server.RunAsync(Token, $"SET round:{round}:{i} {i}");
            await AcknowledgedAsync(world.Server);
            stream.Kill();
            await stream.WaitForExitAsync(Token);
            await world.Server.RunAsync(Token, $"SET between:{round} 1"); // nobody listens
        }
        await using (var last = await StartAsync(world))
        {
            await AcknowledgedAsync(world.Server);
            var status = await StatusAsync(world);

            Assert.True(status.GetProperty("isStreaming").GetBoolean(), status.ToString());
            Assert.Equal(0, status.GetProperty("lossOfDatabase").GetProperty("bytes").GetInt64());
            Assert.Equal(1, status.GetProperty("recoveryPoints").GetArrayLength());
            Assert.Equal(1, await world.CountSnapshotsAsync());
            var seconds = status.GetProperty("lossOfSite").GetProperty("seconds").GetDouble();
            output.WriteLine($"loss of site {seconds} s");
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task A_server_that_lost_its_history_gives_a_new_base_and_the_gap_is_told()
    {
        await using var world = await RedisWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await using (await StartAsync(world))
            await AcknowledgedAsync(world.Server);
        await world.Server.RunAsync(Token, "SET before 1", "CONFIG SET repl-backlog-size 16384");
        for (var i = 0; i < 40; i++)
            await world.Server.AskAsync(Token, "SET", "filler", new string('x', 1000));
        await using (var stream = await StartAsync(world))
        {
            await AcknowledgedAsync(world.Server);
            var status = await StatusAsync(world);
            Assert.Equal(2, status.GetProperty("recoveryPoints").GetArrayLength());
        }
        Assert.Equal(2, await world.CountSnapshotsAsync());
        var ledger = await world.RunAsync("ledger", "show", "--stream", $"asset.{RedisWorld.Asset}");
        Assert.Contains("stream-gap", ledger, StringComparison.Ordinal);
    }

    /// <summary>Whatever the server uses, RDB or append-only files: the state is that of the moment.</summary>
    [Theory(Timeout = 180_000)]
    [InlineData("no")]
    [InlineData("yes")]
    public async Task A_server_comes_back_to_a_time_and_to_the_last_command(string appendOnly)
    {
        RedisServerOptions options = new() { Settings = [("appendonly", appendOnly), ("enable-debug-command", "yes")] };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        DateTimeOffset between;
        await using (var stream = await StartAsync(world))
        {
            await world.Server.RunAsync(Token, "SELECT 5", "SET first 1", "SET leased 1 EX 100000", "DEL number");
            await AcknowledgedAsync(world.Server);
            await StatusAsync(world);
            between = DateTimeOffset.UtcNow;
            await world.Server.RunAsync(Token, "SET second 2", "FLUSHDB", "SET third 3");
            await AcknowledgedAsync(world.Server);
            await StatusAsync(world);
            stream.Kill();
            await stream.WaitForExitAsync(Token);
        }
        var (then, last) = (world.Combine("then"), world.Combine("last"));
        var at = between.ToString("O", CultureInfo.InvariantCulture);

        await world.RunAsync("restore", RedisWorld.Asset, "--at", at, "--to", then);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", last);
        var tooLate = await world.TryRunAsync("restore", RedisWorld.Asset, "--at", "2090-01-01", "--to", last + "2");
        var verification = await world.AskAsync("verify", RedisWorld.Asset);

        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Contains("recovery-point-absent", tooLate.Error, StringComparison.Ordinal);
        await world.AssertSameAsync(last, options);
        await using var copy = await RedisServer.StartAsync(options with { RestoredDirectory = then }, Token);
        await using var session = await RedisConnection.OpenAsync(copy.Settings, TimeProvider.System, Token);
        Assert.Equal("-7", (await session.AskAsync(["GET", "negative"], Token)).AsText);
        await session.AskAsync(["SELECT", "5"], Token);
        Assert.Equal("1", (await session.AskAsync(["GET", "first"], Token)).AsText);
        Assert.Equal("", (await session.AskAsync(["GET", "second"], Token)).AsText);
        Assert.Equal("1", (await session.AskAsync(["GET", "leased"], Token)).AsText);
    }

    [Fact(Timeout = 180_000)]
    public async Task Revoked_sessions_do_not_come_back_by_accident()
    {
        await using var world = await RedisWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.RunAsync(Token, "SET session:stolen 1");
        await world.RunAsync("backup", RedisWorld.Asset);
        await world.RunAsync("ledger", "revoke", RedisWorld.Asset, "--reason", "tokens were stolen");

        var refused = await world.TryRunAsync("restore", RedisWorld.Asset, "--to", world.Combine("a"));
        Assert.Equal(22, refused.ExitCode);
        Assert.Contains("tokens were stolen", refused.Error, StringComparison.Ordinal);
        await world.RunAsync("restore", RedisWorld.Asset, "--revoked", "--to", world.Combine("b"));
        await world.RunAsync("backup", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("c"));
    }

    /// <summary>Starts <c>wal stream</c> and waits until it receives.</summary>
    private static async Task<ResurgamProcess> StartAsync(RedisWorld world)
    {
        var stream = world.Start("wal", "stream", RedisWorld.Asset);
        await Eventually.HoldsAsync(
            () => "the stream runs",
            async () =>
                (await world.Server.AskAsync(Token, "INFO", "replication")).AsText.Contains(
                    "state=online",
                    StringComparison.Ordinal
                ),
            Token
        );
        return stream;
    }

    /// <summary>Everything written so far lies synced in the spool: the server itself says so.</summary>
    private static async Task AcknowledgedAsync(RedisServer server)
    {
        await server.RunAsync(Token, "SET waited 1");
        await Eventually.HoldsAsync(
            () => "the stream acknowledges",
            async () =>
            {
                await using var session = await RedisConnection.OpenAsync(server.Settings, TimeProvider.System, Token);
                await session.AskAsync(["INCR", "probes"], Token);
                return await session.AskAsync(["WAIT", "1", "1000"], Token) is RespValue.Number { Value: 1 };
            },
            Token
        );
    }

    private static async Task<JsonElement> StatusAsync(RedisWorld world)
    {
        JsonElement status = default;
        await Eventually.HoldsAsync(
            () => "the store has all: " + status.ToString(),
            async () =>
            {
                var exit = await world.TryRunAsync("wal", "status", RedisWorld.Asset, "--output", "json");
                using var document = JsonDocument.Parse(exit.Output);
                status = document.RootElement.Clone();
                var loss = exit.ExitCode == 0 ? status.GetProperty("lossOfSite") : default;
                return loss.ValueKind == JsonValueKind.Object
                    && loss.GetProperty("bytes") is { ValueKind: JsonValueKind.Number } bytes
                    && bytes.GetInt64() == 0
                    && loss.GetProperty("seconds").ValueKind == JsonValueKind.Number; // a stream that just began knows none
            },
            Token
        );
        return status;
    }
}
