using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Values;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Redis;

/// <summary>A restore that ends with a server that serves.</summary>
public sealed partial class RedisStartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_restored_server_is_started_and_left_running(string server)
    {
        RedisServerOptions options = new() { Server = server };
        await using var world = await RedisWorld.CreateAsync(
            options,
            TestContext.Current.CancellationToken,
            $", {RedisWorld.PasswordKey}"
        );
        await world.Server.AskAsync(Token, "CONFIG", "SET", "requirepass", RedisWorld.Password);
        await world.RunAsync("backup", RedisWorld.Asset);
        var (port, folder) = (FreePort(), world.Combine("back"));

        var document = await StartAsync(world, folder, port);
        using var process = ProcessOf(document);
        try
        {
            var taken = await world.TryRunAsync(Arguments(world.Combine("second"), port));

            await using var session = await RedisConnection.OpenAsync(
                new ConnectionSettings
                {
                    Host = "127.0.0.1",
                    Port = port,
                    Password = new SecretBytes(System.Text.Encoding.UTF8.GetBytes(RedisWorld.Password)),
                },
                TimeProvider.System,
                Token
            );
            Assert.Equal("PONG", (await session.AskAsync(["PING"], Token)).AsText);
            Assert.Equal("OK", (await session.AskAsync(["SAVE"], Token)).AsText); // it may write its own folder
            Assert.Contains("redis-not-started", taken.Error, StringComparison.Ordinal);
            Assert.Contains(
                document.GetProperty("steps").EnumerateArray(),
                step => step.GetProperty("name").GetString() == "start and load"
            );
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(folder, "resurgam-redis.conf"))
            );
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task What_was_written_behind_the_snapshot_is_served()
    {
        await using var world = await RedisWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        await using (var stream = await world.StartStreamAsync())
        {
            await world.Server.RunAsync(Token, "SET late 1");
            await world.AcknowledgedAsync();
            await world.StreamStatusAsync();
        }
        var port = FreePort();

        using var process = ProcessOf(await StartAsync(world, world.Combine("back"), port));
        try
        {
            await using var session = await RedisConnection.OpenAsync(
                new ConnectionSettings { Host = "127.0.0.1", Port = port },
                TimeProvider.System,
                Token
            );
            Assert.Equal("-7", (await session.AskAsync(["GET", "negative"], Token)).AsText);
            Assert.Equal("1", (await session.AskAsync(["GET", "late"], Token)).AsText);
        }
        finally
        {
            process.Kill();
        }
    }

    private static Task<JsonElement> StartAsync(RedisWorld world, string folder, int port) =>
        world.AskAsync(Arguments(folder, port));

    private static string[] Arguments(string folder, int port) =>
        [
            "restore",
            RedisWorld.Asset,
            "--to",
            folder,
            "--start",
            "--set",
            string.Create(CultureInfo.InvariantCulture, $"port={port}"),
        ];

    private static Process ProcessOf(JsonElement document)
    {
        var notes = string.Join('\n', document.GetProperty("notes").EnumerateArray().Select(note => note.GetString()));
        var match = ServingProcess().Match(notes);
        Assert.True(match.Success, notes);
        return Process.GetProcessById(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("process ([0-9]+) serves")]
    private static partial Regex ServingProcess();
}
