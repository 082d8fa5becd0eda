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
                return exit.ExitCode == 0
                    && status.GetProperty("lossOfSite").GetProperty("bytes")
                        is { ValueKind: JsonValueKind.Number } bytes
                    && bytes.GetInt64() == 0;
            },
            Token
        );
        return status;
    }
}
