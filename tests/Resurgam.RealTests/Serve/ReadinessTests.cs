using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Serve;

/// <summary>The plan against what is really there, as a daemon sees it and <c>status</c> tells it.</summary>
public sealed class ReadinessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_source_that_is_gone_is_told_until_a_changed_plan_finds_it()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        Directory.Move(world.Source, world.Combine("elsewhere"));
        await using var daemon = world.Start("serve", "--listen", "none");

        await daemon.WaitForLineAsync("source-unreachable", Token);
        Assert.Equal(["odd: source-unreachable"], await OpenAsync(world, exitCode: 24));
        var plan = await File.ReadAllTextAsync(world.Combine("plan.yaml"), Token);
        await File.WriteAllTextAsync(
            world.Combine("plan.yaml"),
            plan.Replace($"path: {world.Source}", $"path: {world.Combine("elsewhere")}", StringComparison.Ordinal),
            Token
        );
        await daemon.WaitForLineAsync("source-unreachable is over", Token);

        Assert.Empty(await OpenAsync(world, exitCode: 0));
        var shown = await world.RunAsync("ledger", "show", "--stream", "plan.readiness");
        Assert.Contains("plan.readiness/2", shown, StringComparison.Ordinal);
        await world.RunAsync("ledger", "verify");
    }

    [Fact(Timeout = 120_000)]
    public async Task Servers_that_steps_act_on_are_asked_and_those_that_are_silent_are_told()
    {
        await using var redis = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            $$"""

            targets:
              there: { kind: redis, socket: {{redis.Socket}} }
              gone: { kind: redis, socket: {{world.Combine("none.sock")}} }
              names: { kind: dns, host: 127.0.0.1, port: 1, zone: example.net, key-name: k, key: { env: RESURGAM_TEST_SECRET } }
              unused: { kind: redis, socket: {{world.Combine("none.sock")}} }
            runbooks:
              back:
                steps:
                  a: { action: redis-promote, with: { target: there } }
                  b: { action: redis-promote, with: { target: gone } }
                  c: { action: dns-update, with: { target: names, name: www.example.net, type: A, values: [192.0.2.1], ttl: 60s } }

            """,
            Token
        );
        await using var daemon = world.Start("serve", "--listen", "none");
        await daemon.WaitForLineAsync("target names: ", Token);

        Assert.Equal(
            ["target gone: target-silent", "target names: target-silent"],
            await OpenAsync(world, exitCode: 0)
        );
    }

    private static async Task<IReadOnlyList<string>> OpenAsync(FilesWorld world, int exitCode)
    {
        var exit = await world.TryRunAsync("status", "--output", "json");
        Assert.True(exit.ExitCode == exitCode, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return
        [
            .. document
                .RootElement.GetProperty("readiness")
                .EnumerateArray()
                .Select(each =>
                    $"{each.GetProperty("subject").GetString()}: {each.GetProperty("finding").GetProperty("code").GetString()}"
                ),
        ];
    }
}
