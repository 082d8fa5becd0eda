using System.Globalization;
using System.Text.Json;
using Resurgam.RealTests.Drills;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Serve;

/// <summary>Schedules as the daemon keeps them: once, by one of several, whoever dies or sleeps meanwhile.</summary>
public sealed class ScheduleTests
{
    private const int Stop = 19;
    private const int Continue = 18;

    /// <summary>Until what comes every minute is due, and done.</summary>
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(100);

    /// <summary>Long missed, so it is due at once, and not again while the test runs.</summary>
    private const string Yearly = "cron: '0 0 1 1 *'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_was_missed_is_made_up_for_once_by_two_daemons()
    {
        using var world = await WorldAsync(
            $"odd: {{ do: backup, {Yearly} }}\n  far: {{ do: copy, {Yearly} }}\n  reading: {{ do: scrub, {Yearly} }}",
            secret: "echo key",
            TestContext.Current.CancellationToken
        );
        await using var one = world.Start("serve", "--listen", "none");
        await using var other = world.Start("serve", "--listen", "none");

        foreach (var duty in (string[])["backup-odd", "backup-key", "copy-far", "scrub-primary"])
            await DoneAsync(world, duty);
        foreach (var daemon in (ResurgamProcess[])[one, other])
        {
            daemon.Signal(15);
            var exit = await daemon.WaitForExitAsync(Token);
            Assert.True(exit.ExitCode == 0, exit.ToString());
        }
        foreach (var duty in (string[])["backup-odd", "backup-key", "copy-far", "scrub-primary"])
            Assert.Equal(["duty-claimed", "duty-done"], await KindsAsync(world, $"duty.{duty}"));
        Assert.Equal(["backup"], await KindsAsync(world, "asset.odd"));
        await world.RunAsync("ledger", "verify");
        await world.RunAsync("vault", "check", "--from", "far");
    }

    [Fact(Timeout = 120_000)]
    public async Task The_work_of_a_killed_daemon_is_taken_up_at_once_by_the_next_one_here()
    {
        using var world = await WorldAsync(
            $"keys: {{ do: backup, asset: key, {Yearly} }}",
            WaitFor("go"),
            TestContext.Current.CancellationToken
        );
        await using (var killed = world.Start("serve", "--listen", "none"))
        {
            await killed.WaitForLineAsync("backup key: begun", Token);
            killed.Kill();
            await killed.WaitForExitAsync(Token);
        }
        await File.WriteAllTextAsync(world.Combine("go"), "", Token);
        await using var next = world.Start("serve", "--listen", "none");

        await next.WaitForLineAsync("attempt 2", Token);
        await DoneAsync(world, "backup-key");

        Assert.Equal(["duty-claimed", "duty-claimed", "duty-done"], await KindsAsync(world, "duty.backup-key"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_machine_that_sleeps_and_wakes_up_finds_its_work_done_by_another()
    {
        using var world = await WorldAsync(
            $"keys: {{ do: backup, asset: key, {Yearly} }}",
            WaitFor("never"),
            TestContext.Current.CancellationToken
        );
        var plan = await File.ReadAllTextAsync(world.Combine("plan.yaml"), Token);
        await using var sleeper = world.Start("serve", "--listen", "none", "--lease", "10s");
        await sleeper.WaitForLineAsync("backup key: begun", Token);
        sleeper.Signal(Stop);

        // The other machine gets the key, and has a state folder of its own.
        await File.WriteAllTextAsync(
            world.Combine("plan.yaml"),
            plan.Replace(WaitFor("never"), "echo key", StringComparison.Ordinal)
                .Replace(world.Combine("state"), world.Combine("elsewhere"), StringComparison.Ordinal),
            Token
        );
        await using var other = world.Start("serve", "--listen", "none", "--lease", "10s");
        await DoneAsync(world, "backup-key");
        await File.WriteAllTextAsync(world.Combine("plan.yaml"), plan, Token);
        sleeper.Signal(Continue);

        await sleeper.WaitForLineAsync("broken off, another has taken it over", Token);
        sleeper.Signal(15);
        Assert.Equal(0, (await sleeper.WaitForExitAsync(Token)).ExitCode);
        Assert.Equal(["duty-claimed", "duty-claimed", "duty-done"], await KindsAsync(world, "duty.backup-key"));
        Assert.Single(await KindsAsync(world, "asset.key"), "backup");
    }

    [Fact(Timeout = 180_000)]
    public async Task A_redis_server_is_followed_by_one_daemon_and_then_by_the_other()
    {
        await using var world = await RedisWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.RunAsync(Token, "SET first 1");
        await using var first = world.Start("serve", "--listen", "none", "--lease", "10s");
        await first.WaitForLineAsync($"stream {RedisWorld.Asset}: begun", Token);
        await using var second = world.Start("serve", "--listen", "none", "--lease", "10s");
        await FollowedAsync(world);
        first.Kill();
        await first.WaitForExitAsync(Token);
        await world.Server.RunAsync(Token, "SET second 2");

        await second.WaitForLineAsync($"stream {RedisWorld.Asset}: begun", Token);
        await FollowedAsync(world);
        second.Signal(15);
        var exit = await second.WaitForExitAsync(Token);
        Assert.True(exit.ExitCode == 0, exit.ToString());

        using var shown = JsonDocument.Parse(
            await world.RunAsync("ledger", "show", "--stream", $"duty.stream-{RedisWorld.Asset}", "--output", "json")
        );
        Assert.Equal("duty-released", Kinds(shown)[^1]);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_drill_is_carried_out_when_it_is_due_by_one_of_two_daemons()
    {
        using var world = await DrillWorldAsync("* * * * *", hold: "1s", TestContext.Current.CancellationToken);
        await using var one = world.Start("serve", "--listen", "none");
        await using var other = world.Start("serve", "--listen", "none");

        await DoneAsync(world, "drill-api", Minute);
        foreach (var daemon in (ResurgamProcess[])[one, other])
        {
            daemon.Signal(15);
            var exit = await daemon.WaitForExitAsync(Token);
            Assert.True(exit.ExitCode == 0, exit.ToString());
        }

        var kinds = await KindsAsync(world, "duty.drill-api");
        Assert.Equal(["duty-known", "duty-claimed", "duty-done"], kinds.Take(3));
        // Another minute may have come before they stopped.
        var drills = await KindsAsync(world, "drill.all");
        Assert.Equal(kinds.Count(kind => kind == "duty-claimed") * 2, drills.Count);
        var list = await world.RunAsync("drills", "list");
        Assert.Contains("passed", list, StringComparison.Ordinal);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_drill_whose_daemon_was_killed_is_undone_and_begun_again()
    {
        using var world = await DrillWorldAsync("* * * * *", hold: "60s", TestContext.Current.CancellationToken);
        await using (var killed = world.Start("serve", "--listen", "none"))
        {
            await killed.WaitForLineAsync("drill-hold: running", Minute, Token);
            killed.Kill();
            await killed.WaitForExitAsync(Token);
        }
        var plan = (await File.ReadAllTextAsync(world.Combine("plan.yaml"), Token)).Replace(
            "hold-for: 60s",
            "hold-for: 1s",
            StringComparison.Ordinal
        );
        await File.WriteAllTextAsync(world.Combine("plan.yaml"), plan, Token);
        await using (var next = world.Start("serve", "--listen", "none"))
        {
            await next.WaitForLineAsync("was left in the middle: it is undone first", Token);
            await DoneAsync(world, "drill-api");
            next.Signal(15);
            Assert.Equal(0, (await next.WaitForExitAsync(Token)).ExitCode);
        }

        var drills = await world.RunAsync("drills", "list");
        Assert.Contains("passed", drills, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_drill_that_was_missed_is_told_until_it_is_done_by_hand_and_does_not_begin()
    {
        using var world = await DrillWorldAsync("0 0 1 1 *", hold: "1s", TestContext.Current.CancellationToken);
        await using (var before = world.Start("serve", "--listen", "none"))
        {
            await Eventually.HoldsAsync(
                () => "the daemon does not know of the drill",
                async () => (await KindsAsync(world, "duty.drill-api")).Count > 0,
                Token
            );
            before.Signal(15);
            await before.WaitForExitAsync(Token);
        }
        // As if no daemon had run when it was due.
        var past = DateTimeOffset.UtcNow.AddMinutes(-45);
        var plan = world.Combine("plan.yaml");
        await File.WriteAllTextAsync(
            plan,
            (await File.ReadAllTextAsync(plan, Token)).Replace(
                "'0 0 1 1 *'",
                string.Create(CultureInfo.InvariantCulture, $"'{past.Minute} {past.Hour} {past.Day} {past.Month} *'"),
                StringComparison.Ordinal
            ),
            Token
        );

        await using (var late = world.Start("serve", "--listen", "none"))
        {
            await late.WaitForLineAsync("drill api: missed: it was due at", Token);
            late.Signal(15);
            await late.WaitForExitAsync(Token);
        }

        Assert.Equal(["duty-known", "duty-missed"], await KindsAsync(world, "duty.drill-api"));
        Assert.Empty(await KindsAsync(world, "drill.all"));
        Assert.Contains("'api', due 45m", await OpenDrillsAsync(world), StringComparison.Ordinal);
        await world.RunAsync("drill", "api");
        Assert.Empty(await OpenDrillsAsync(world));
    }

    private static async Task<string> OpenDrillsAsync(FilesWorld world) =>
        string.Join(
            '\n',
            (await world.TryRunAsync("status"))
                .Output.Split('\n')
                .Where(line => line.Contains("[drill-missed]", StringComparison.Ordinal))
        );

    [Fact(Timeout = 120_000)]
    public async Task The_vault_is_checked_on_schedule_and_what_is_damaged_is_told()
    {
        using var world = await WorldAsync(
            $"following: {{ do: check, {Yearly} }}",
            secret: "echo key",
            TestContext.Current.CancellationToken
        );
        await world.RunAsync("backup", "odd");
        foreach (
            var pack in Directory.EnumerateFiles(world.Combine("vault/generations"), "*", SearchOption.AllDirectories)
        )
            if (pack.Contains("/data/", StringComparison.Ordinal))
                File.Delete(pack);
        await using var daemon = world.Start("serve", "--listen", "none");

        await daemon.WaitForLineAsync("\"worker\":\"check\",\"text\":\"damaged:", Token);
        await DoneAsync(world, "check");
        daemon.Signal(15);
        await daemon.WaitForExitAsync(Token);

        Assert.Contains("[check-failed]", (await world.TryRunAsync("status")).Output, StringComparison.Ordinal);
    }

    private static async Task<FilesWorld> DrillWorldAsync(string cron, string hold, CancellationToken token)
    {
        var (world, _) = await ServiceDrillTests.WorldAsync(token, hold);
        await DrillWorld.ExtendPlanAsync(
            world.Restic.Folder,
            $"schedules: {{ api: {{ do: drill, drill: api, cron: '{cron}' }} }}",
            token
        );
        return world;
    }

    private static async Task FollowedAsync(RedisWorld world) =>
        await Eventually.HoldsAsync(
            () => "the stream does not run",
            async () => (await world.TryRunAsync("wal", "status", RedisWorld.Asset)).ExitCode == 0,
            Token
        );

    private static string WaitFor(string file) => $"while [ ! -e {file} ]; do sleep 0.1; done; echo key";

    /// <summary>A folder and a key to protect, a replica, and schedules.</summary>
    /// <param name="schedules">Below <c>schedules:</c>.</param>
    /// <param name="secret">For <c>sh -c</c>, in the world's folder: prints the key.</param>
    /// <param name="token">Of the test.</param>
    private static async Task<FilesWorld> WorldAsync(string schedules, string secret, CancellationToken token)
    {
        var world = await FilesWorld.CreateAsync(token);
        var path = world.Combine("plan.yaml");
        var plan = await File.ReadAllTextAsync(path, token);
        await File.WriteAllTextAsync(
            path,
            plan.Replace(
                    "} }\nassets:",
                    $"}}, replicas: [{{ name: far, store: \"file://{world.Combine("far")}\" }}] }}\nassets:",
                    StringComparison.Ordinal
                )
                .TrimEnd()
                + $"\n  key: {{ kind: secret, from: {{ command: [sh, -c, \"cd {world.Combine("")}; {secret}\"] }} }}\nschedules:\n  {schedules}\n",
            token
        );
        return world;
    }

    private static async Task DoneAsync(FilesWorld world, string duty, TimeSpan until = default) =>
        await Eventually.HoldsAsync(
            () => $"{duty} is not done",
            async () => (await KindsAsync(world, $"duty.{duty}")).Contains("duty-done"),
            Token,
            until
        );

    private static async Task<IReadOnlyList<string>> KindsAsync(FilesWorld world, string stream)
    {
        var exit = await world.TryRunAsync("ledger", "show", "--stream", stream, "--last", "0", "--output", "json");
        if (exit.ExitCode != 0)
            return []; // not begun yet
        using var shown = JsonDocument.Parse(exit.Output);
        return Kinds(shown);
    }

    private static IReadOnlyList<string> Kinds(JsonDocument shown) =>
        [
            .. shown
                .RootElement.GetProperty("entries")
                .EnumerateArray()
                .Select(entry => entry.GetProperty("kind").GetString() ?? ""),
        ];
}
