using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;

namespace Resurgam.RealTests.Runs;

public sealed class RedisActionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_replica_is_promoted_when_its_primary_is_gone_and_not_before()
    {
        await using var primary = await RedisServer.StartAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        await using var replica = await RedisServer.StartAsync(null, Token);
        await primary.RunAsync(Token, "SET a 1", "SELECT 3", "SET b 2");
        await FollowAsync(replica, primary.Port);
        await LinkIsAsync(replica, "up");
        var promote = Promote(replica);

        Assert.Equal(
            "store is a replica with 2 keys, its primary still sends, and would become the primary",
            (await promote.LookAsync()).What
        );
        Assert.Equal("action-redis", await CodeOf(promote.ActAsync));
        Assert.False(await promote.ProbeAsync());
        await primary.KillAsync(Token);
        await LinkIsAsync(replica, "down");
        Assert.Equal(
            "store takes writes, with 2 keys; its configuration file was not rewritten",
            (await promote.ActAsync()).What
        );
        await replica.RunAsync(Token, "SET c 3");
        Assert.True(await promote.ProbeAsync());
        Assert.Equal("store is the primary already", (await promote.RepeatAsync()).What);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_replica_with_a_part_of_the_data_is_not_promoted()
    {
        await using var replica = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        using TcpListener primary = new(IPAddress.Loopback, 0);
        primary.Start();
        var half = SendHalfAsync(primary);
        await FollowAsync(replica, ((IPEndPoint)primary.LocalEndpoint).Port);
        using var link = await half;
        await Eventually.HoldsAsync(
            () => "it does not copy",
            async () => await InfoAsync(replica, "master_sync_in_progress") == "1",
            Token
        );

        Assert.Equal("action-redis", await CodeOf(Promote(replica).ActAsync));
        Assert.Equal("slave", await InfoAsync(replica, "role"));
    }

    [Fact(Timeout = 120_000)]
    public async Task An_emptied_store_of_sessions_stays_empty_after_a_crash()
    {
        await using var server = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        await server.RunAsync(Token, "SET a 1", "SELECT 3", "SET b 2", "SAVE");
        var flush = Flush(server);

        Assert.Equal("2 keys would be deleted", (await flush.LookAsync()).What);
        Assert.Equal("2 keys were deleted", (await flush.ActAsync()).What);
        await server.KillAsync(Token);
        await using var again = await RedisServer.StartAsync(
            new RedisServerOptions { RestoredDirectory = server.DataDirectory },
            Token
        );
        Assert.Equal("0 keys were deleted", (await Flush(again).RepeatAsync()).What);

        await FollowAsync(again, port: 1);
        Assert.Equal("action-redis", await CodeOf(Flush(again).ActAsync));
    }

    private static StepBench Promote(RedisServer server) =>
        new(TargetOf(server), "{ action: redis-promote, with: { target: store } }", Token, TimeProvider.System);

    private static StepBench Flush(RedisServer server) =>
        new(
            TargetOf(server),
            "{ action: redis-flush, with: { target: store, asset: sessions } }",
            Token,
            TimeProvider.System
        );

    private static string TargetOf(RedisServer server) => $"{{ store: {{ kind: redis, socket: {server.Socket} }} }}";

    private static Task<RespValue> FollowAsync(RedisServer server, int port) =>
        server.AskAsync(Token, "REPLICAOF", "127.0.0.1", port.ToString(CultureInfo.InvariantCulture));

    private static Task LinkIsAsync(RedisServer server, string state) =>
        Eventually.HoldsAsync(
            () => $"the link is not {state}",
            async () => await InfoAsync(server, "master_link_status") == state,
            Token
        );

    private static async Task<string> InfoAsync(RedisServer server, string name)
    {
        await using var session = await RedisConnection.OpenAsync(server.Settings, TimeProvider.System, Token);
        return (await session.ReadInfoAsync(Token, "replication"))[name];
    }

    /// <summary>A primary that begins to send its data, and dies in the middle as far as anybody can see.</summary>
    private static async Task<TcpClient> SendHalfAsync(TcpListener listener)
    {
        var client = await listener.AcceptTcpClientAsync(Token);
        var stream = client.GetStream();
        var buffer = new byte[4096];
        while (true)
        {
            var words = Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, Token));
            if (words.Contains("PSYNC", StringComparison.Ordinal))
                break;
            var commands = words.Split('\n').Count(line => line.StartsWith('*'));
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("+OK\r\n", commands))),
                Token
            );
        }
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"+FULLRESYNC {new string('a', 40)} 0\r\n$1000000\r\nREDIS"),
            Token
        );
        return client;
    }

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
