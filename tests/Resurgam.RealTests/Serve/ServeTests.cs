using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Serve;

/// <summary>The daemon, as it runs: two of them on one vault, kill -9, a plan that goes bad, an orderly stop.</summary>
public sealed class ServeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task Two_daemons_verify_a_backup_once_and_the_killed_one_is_not_missed()
    {
        await using var world = await RedisWorld.CreateAsync(
            null,
            TestContext.Current.CancellationToken,
            ", restore: { start-empty: true }" // no stream, whose base would be a second snapshot
        );
        await world.RunAsync("backup", RedisWorld.Asset);
        var (one, other) = (Loopback.FreePort(), Loopback.FreePort());
        await using var killed = world.Start("serve", "--listen", $"127.0.0.1:{one}");
        await using var survivor = world.Start("serve", "--listen", $"127.0.0.1:{other}");

        await Eventually.HoldsAsync(
            () => "no verification in the ledger",
            async () => await CountAsync(world, $"asset.{RedisWorld.Asset}", "verification") > 0,
            Token
        );
        await Eventually.HoldsAsync(
            () => "the duty is not done",
            async () => await CountAsync(world, $"duty.verify-{RedisWorld.Asset}", "duty-done") > 0,
            Token
        );
        killed.Kill();
        using HttpClient http = new();
        await Eventually.HoldsAsync(
            () => "the survivor is not ready",
            async () => await StatusOfAsync(http, other, "readyz") == HttpStatusCode.OK,
            Token
        );
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(http, other, "healthz"));
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{other}/metrics"), Token);
        Assert.Contains(
            $"resurgam_asset_safe{{asset=\"{RedisWorld.Asset}\",kind=\"redis\"}} ",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Equal(1, await CountAsync(world, $"asset.{RedisWorld.Asset}", "verification"));
        Assert.Equal(1, await CountAsync(world, $"duty.verify-{RedisWorld.Asset}", "duty-claimed"));

        survivor.Signal(15);
        var exit = await survivor.WaitForExitAsync(Token);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        Assert.Contains("\"text\":\"stopped\"", exit.Error, StringComparison.Ordinal);
        await world.RunAsync("ledger", "verify");
    }

    [Fact(Timeout = 300_000)]
    public async Task A_plan_that_goes_bad_is_told_and_the_old_one_is_kept()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        var port = Loopback.FreePort();
        await using var daemon = world.Start("serve", "--listen", $"127.0.0.1:{port}");
        await daemon.WaitForLineAsync("serving plan", Token);
        var plan = await File.ReadAllTextAsync(world.Combine("plan.yaml"), Token);

        await File.WriteAllTextAsync(
            world.Combine("plan.yaml"),
            plan.Replace("assets:", "assetz:", StringComparison.Ordinal),
            Token
        );
        await daemon.WaitForLineAsync("the plan file is not followed", Token);
        using HttpClient http = new();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusOfAsync(http, port, "healthz"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(http, port, "status"));

        await File.WriteAllTextAsync(
            world.Combine("plan.yaml"),
            $"{plan.TrimEnd()}\n  more: {{ kind: files, path: {world.Source} }}\n",
            Token
        );
        await daemon.WaitForLineAsync("the plan has changed", Token);
        await Eventually.HoldsAsync(
            () => "the new asset is not seen",
            async () =>
            {
                var status = await http.GetFromJsonAsync<JsonElement>(
                    new Uri($"http://127.0.0.1:{port}/status"),
                    Token
                );
                return status.GetProperty("assets").GetArrayLength() == 2;
            },
            Token
        );
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(http, port, "healthz"));
        Assert.Equal(
            HttpStatusCode.MethodNotAllowed,
            (await http.PostAsync(new Uri($"http://127.0.0.1:{port}/status"), content: null, Token)).StatusCode
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task It_tells_systemd_when_it_is_ready_and_when_it_stops()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        var path = world.Combine("notify");
        using Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        await using var daemon = world.StartWith("NOTIFY_SOCKET", path, "serve", "--listen", "none");

        Assert.StartsWith("READY=1\n", await ReceiveAsync(systemd), StringComparison.Ordinal);
        daemon.Signal(15);
        var told = await ReceiveAsync(systemd);
        while (!told.StartsWith("STOPPING=1", StringComparison.Ordinal))
            told = await ReceiveAsync(systemd);
        Assert.Equal(0, (await daemon.WaitForExitAsync(Token)).ExitCode);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[1000];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Token));
    }

    private static async Task<int> CountAsync(RedisWorld world, string stream, string kind)
    {
        var exit = await world.TryRunAsync("ledger", "show", "--stream", stream, "--last", "0", "--output", "json");
        if (exit.ExitCode != 0)
            return 0; // not begun yet
        using var shown = JsonDocument.Parse(exit.Output);
        return shown
            .RootElement.GetProperty("entries")
            .EnumerateArray()
            .Count(entry => entry.GetProperty("kind").GetString() == kind);
    }

    private static async Task<HttpStatusCode?> StatusOfAsync(HttpClient http, int port, string path)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/{path}"), Token);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null; // not listening yet
        }
    }
}
