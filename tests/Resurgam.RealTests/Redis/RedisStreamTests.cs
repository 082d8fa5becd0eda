using System.Globalization;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Redis;

/// <summary>A server's commands, kept as they come.</summary>
public sealed class RedisStreamTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> ServersWithAndWithoutAppendOnly =>
        [.. RedisServers.All.SelectMany(row => new[] { (row.Data, "no"), (row.Data, "yes") })];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_killed_stream_goes_on_without_a_gap_and_without_a_new_base(string server)
    {
        RedisServerOptions options = new() { Server = server };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        for (var round = 0; round < 3; round++)
        {
            await using var stream = await world.StartStreamAsync();
            for (var i = 0; i < 20; i++)
                await world.Server.RunAsync(Token, $"SET round:{round}:{i} {i}");
            await world.AcknowledgedAsync();
            stream.Kill();
            await stream.WaitForExitAsync(Token);
            await world.Server.RunAsync(Token, $"SET between:{round} 1"); // nobody listens
        }
        await using (var last = await world.StartStreamAsync())
        {
            await world.AcknowledgedAsync();
            var status = await world.StreamStatusAsync();

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
        await using (await world.StartStreamAsync())
            await world.AcknowledgedAsync();
        await world.Server.RunAsync(Token, "SET before 1", "CONFIG SET repl-backlog-size 16384");
        for (var i = 0; i < 40; i++)
            await world.Server.AskAsync(Token, "SET", "filler", new string('x', 1000));
        await using (var stream = await world.StartStreamAsync())
        {
            await world.AcknowledgedAsync();
            var status = await world.StreamStatusAsync();
            Assert.Equal(2, status.GetProperty("recoveryPoints").GetArrayLength());
        }
        Assert.Equal(2, await world.CountSnapshotsAsync());
        var ledger = await world.RunAsync("ledger", "show", "--stream", $"asset.{RedisWorld.Asset}");
        Assert.Contains("stream-gap", ledger, StringComparison.Ordinal);
    }

    /// <summary>Whatever the server uses, RDB or append-only files: the state is that of the moment.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(ServersWithAndWithoutAppendOnly))]
    public async Task A_server_comes_back_to_a_time_and_to_the_last_command(string server, string appendOnly)
    {
        RedisServerOptions options = new()
        {
            Server = server,
            Settings = [("appendonly", appendOnly), ("enable-debug-command", "yes")],
        };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        DateTimeOffset between;
        await using (var stream = await world.StartStreamAsync())
        {
            await world.Server.RunAsync(Token, "SELECT 5", "SET first 1", "SET leased 1 EX 100000", "DEL number");
            await world.AcknowledgedAsync();
            await world.StreamStatusAsync();
            between = DateTimeOffset.UtcNow;
            await world.Server.RunAsync(Token, "SET second 2", "FLUSHDB", "SET third 3");
            await world.AcknowledgedAsync();
            await world.StreamStatusAsync();
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
        await using var copy = await world.ServeAsync(then, options);
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
        var risky = await world.TryRunAsync("status");
        Assert.Equal(22, refused.ExitCode);
        Assert.Contains("tokens were stolen", refused.Error, StringComparison.Ordinal);
        Assert.Equal(24, risky.ExitCode);
        Assert.Contains(
            "(tokens were stolen), and nothing newer is in the vault",
            risky.Output,
            StringComparison.Ordinal
        );
        await world.RunAsync("restore", RedisWorld.Asset, "--revoked", "--to", world.Combine("b"));
        await world.RunAsync("backup", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("c"));
        await world.RunAsync("verify", RedisWorld.Asset);
        var status = await world.AskAsync("status");
        var finding = Assert.Single(status.GetProperty("assets")[0].GetProperty("findings").EnumerateArray());
        Assert.Equal("sessions-revoked", finding.GetProperty("code").GetString());
        Assert.False(finding.GetProperty("risk").GetBoolean());
        Assert.Contains("1 of its 2 snapshots", finding.GetProperty("what").GetString(), StringComparison.Ordinal);
    }
}
