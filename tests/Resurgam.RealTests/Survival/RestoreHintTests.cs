using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>What the program says when a cluster does not come back as wanted can be followed.</summary>
public sealed class RestoreHintTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_does_not_come_up_names_its_log_and_comes_up_when_that_is_mended()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var target = world.NewTarget();
        string[] restore = ["restore", ClusterWorld.Asset, "--to", target, "--start", "--set"];

        var failed = await world.TryRunAsync([.. restore, "shared_buffers=nonsense"]);

        Assert.True(failed.ExitCode == 10, failed.ToString());
        Assert.Contains("code: postgres-not-started", failed.Error, StringComparison.Ordinal);
        Assert.Contains("same command again; a restore with --delta", failed.Error, StringComparison.Ordinal);
        var log = Path.Combine(target, "log/resurgam-recovery.log");
        Assert.Contains($"Read its log, {log},", failed.Error, StringComparison.Ordinal);
        Assert.Contains("nonsense", await File.ReadAllTextAsync(log, Token), StringComparison.Ordinal);
        world.StopAtEnd(target);
        await world.RunAsync([.. restore, $"unix_socket_directories={target}", "--delta"]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_snapshot_behind_the_wanted_point_is_refused_before_a_byte_is_restored()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        var before = (await world.Server.QueryAsync("SELECT pg_current_wal_lsn(), now()", Token))[0];
        await world.RunAsync("backup", ClusterWorld.Asset);
        var snapshot = Assert.Single(await world.SnapshotsAsync());
        foreach (var at in before)
        foreach (var more in (string[])["--start", "--dry-run"])
        {
            var target = world.NewTarget();
            var exit = await world.TryRunAsync("restore", snapshot, "--to", target, "--at", at ?? "", more);
            Assert.True(exit.ExitCode == 10, exit.ToString());
            Assert.Contains("code: recovery-point-absent", exit.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(target));
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task Relations_that_were_not_checked_are_told()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", ClusterWorld.Asset);
        Assert.Contains(
            "passed  pg_amcheck: ",
            await world.RunAsync("verify", ClusterWorld.Asset),
            StringComparison.Ordinal
        );
        var whole = Servers.Require(ClusterWorld.Major);
        var binaries = Directory.CreateDirectory(Path.Combine(world.Folder, "binaries")).FullName;
        foreach (var program in Directory.EnumerateFiles(whole))
            if (Path.GetFileName(program) != "pg_amcheck")
                File.CreateSymbolicLink(Path.Combine(binaries, Path.GetFileName(program)), program);
        var plan = Path.Combine(world.Folder, "plan.yaml");
        var text = await File.ReadAllTextAsync(plan, Token);
        await File.WriteAllTextAsync(plan, text.Replace(whole, binaries, StringComparison.Ordinal), Token);

        var told = await world.RunAsync("verify", ClusterWorld.Asset);
        var document = await world.AskAsync("verify", ClusterWorld.Asset);

        Assert.Contains("open    pg_amcheck: not checked: ", told, StringComparison.Ordinal);
        JsonElement check = document
            .GetProperty("checks")
            .EnumerateArray()
            .Single(c => c.TryGetProperty("notChecked", out _));
        Assert.Equal("pg_amcheck", check.GetProperty("name").GetString());
        Assert.True(check.GetProperty("notChecked").GetBoolean());
    }
}
