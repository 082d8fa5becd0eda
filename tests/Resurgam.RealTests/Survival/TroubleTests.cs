using System.Globalization;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>What people and servers do to a running program: a clear error, or it just works, and nothing is lost.</summary>
public sealed class TroubleTests
{
    private const string Streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>However its path is written, and whatever the restore is forced to.</summary>
    [Fact(Timeout = 180_000)]
    public async Task Nothing_is_restored_over_what_runs_or_is_needed()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var data = world.Server.DataDirectory;
        var link = Path.Combine(world.Folder, "link");
        File.CreateSymbolicLink(link, data);
        var parent = Path.Combine(world.Folder, "parent");
        File.CreateSymbolicLink(parent, Path.GetDirectoryName(data) ?? "/");
        var kept = Directory.CreateDirectory(Path.Combine(world.Folder, "kept")).FullName;
        await File.WriteAllTextAsync(Path.Combine(kept, "file"), "", TestContext.Current.CancellationToken);

        foreach (
            var (target, code) in (IEnumerable<(string, string)>)
                [
                    (data, "postgres-running-refused"),
                    (data + "/", "postgres-running-refused"),
                    (link, "postgres-running-refused"),
                    (Path.Combine(parent, Path.GetFileName(data)), "postgres-running-refused"),
                    ($"{kept}/../link/.", "postgres-running-refused"),
                    (Path.GetDirectoryName(data) ?? "/", "postgres-running-refused"),
                    (parent, "postgres-running-refused"),
                    (world.Vault, "target-needed-refused"),
                    (Path.Combine(world.Vault, "new"), "target-needed-refused"),
                    (world.Folder, "target-needed-refused"),
                    (Path.Combine(world.Folder, "state"), "target-needed-refused"),
                    ("/", "target-needed-refused"),
                    ("", "usage"),
                    (Path.Combine(kept, "file"), "target-not-empty-refused"),
                ]
        )
        {
            var exit = await world.TryRunAsync(
                "restore",
                ClusterWorld.Asset,
                "--to",
                target,
                "--delta",
                "--force",
                "--at",
                "consistent"
            );
            Assert.True(
                exit.Error.Contains($"code: {code}", StringComparison.Ordinal) && exit.ExitCode != 0,
                $"{target}: {exit}"
            );
        }

        Assert.Equal("1", await world.Server.ScalarAsync("select 1", TestContext.Current.CancellationToken));
        await world.Server.RestartAsync(TestContext.Current.CancellationToken);
        await world.AssertCleanAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task Backups_of_one_asset_at_once_all_restore()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await Load.InsertAsync(world.Server, megabytes: 8, Token);

        // The vault has no generation yet: they meet there, too.
        var exits = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => world.TryRunAsync("backup", ClusterWorld.Asset))
        );

        Assert.All(exits, exit => Assert.True(exit.ExitCode == 0, exit.ToString()));
        await world.AssertCleanAsync();
        var snapshots = await world.SnapshotsAsync();
        Assert.Equal(3, snapshots.Count);
        foreach (var snapshot in snapshots)
            await world.RestoreVerifiedAsync(snapshot);
    }

    [Fact(Timeout = 60_000)]
    public async Task Of_two_makers_of_a_vault_one_wins_and_the_vault_opens()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        for (var round = 0; round < 3; round++)
        {
            var plan = string.Create(CultureInfo.InvariantCulture, $"round{round}");
            await world.WritePlanAsync(plan, Path.Combine(world.Folder, "vaults", plan), world.Server);

            var exits = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(_ => world.TryRunAsync(plan, ["vault", "create"]))
            );

            Assert.Single(exits, exit => exit.ExitCode == 0);
            Assert.All(
                exits.Where(exit => exit.ExitCode != 0),
                exit => Assert.Contains("code: vault-exists", exit.Error, StringComparison.Ordinal)
            );
            var check = await world.TryRunAsync(plan, ["vault", "check", "--read-data"]);
            Assert.True(check.ExitCode == 0, check.ToString());
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_second_stream_is_refused_and_the_first_goes_on()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await using var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        await world.Server.WaitForAsync(Streaming, "1", Token);

        var second = await world.TryRunAsync("wal", "stream", ClusterWorld.Asset);

        Assert.True(second.ExitCode == 10, second.ToString());
        Assert.Contains("code: wal-stream-running", second.Error, StringComparison.Ordinal);
        Assert.Contains("hint:", second.Error, StringComparison.Ordinal);
        await world.Server.WaitForAsync(Streaming, "1", Token);
        await Eventually.HoldsAsync(
            () => "wal status does not say that it runs",
            async () => (await world.TryRunAsync("wal", "status", ClusterWorld.Asset)).ExitCode == 0,
            Token
        );
    }

    /// <summary>Restarted, killed, its slot dropped: the one stream goes through all of it, and recovery has every row.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_stream_goes_through_what_happens_to_its_server()
    {
        await using var world = await ClusterWorld.CreateAsync(
            new PostgresServerOptions { Fsync = true },
            TestContext.Current.CancellationToken
        );
        await world.Server.QueryAsync("CREATE TABLE t (what text)", Token);
        await using var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        await WaitCaughtUpAsync(world);
        await world.RunAsync("backup", ClusterWorld.Asset);

        await world.Server.QueryAsync("INSERT INTO t VALUES ('before the restart')", Token);
        await WaitCaughtUpAsync(world);
        await world.Server.RestartAsync(Token);
        await WaitCaughtUpAsync(world);
        await world.Server.QueryAsync("INSERT INTO t VALUES ('before the kill')", Token);
        await world.Server.KillAsync(Token);
        await world.Server.StartAgainAsync(Token);
        await WaitCaughtUpAsync(world);
        await world.Server.QueryAsync("INSERT INTO t VALUES ('before the slot was dropped')", Token);
        await world.Server.QueryAsync(
            $"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots; SELECT pg_drop_replication_slot('{ClusterWorld.Slot}') WHERE EXISTS (SELECT FROM pg_replication_slots WHERE NOT active)",
            Token
        );
        await WaitCaughtUpAsync(world);
        await world.Server.QueryAsync("INSERT INTO t VALUES ('the last')", Token);
        await WaitCaughtUpAsync(world);
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        const string sql = "SELECT string_agg(what, ', ') FROM t";
        Assert.Equal(await world.Server.QueryAsync(sql, Token), await world.AskRestoredAsync(sql));
    }

    [Fact(Timeout = 120_000)]
    public async Task Another_cluster_under_the_assets_name_is_refused()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await using (var stream = world.Start("wal", "stream", ClusterWorld.Asset))
        {
            await WaitCaughtUpAsync(world);
            await world.RunAsync("backup", ClusterWorld.Asset);
            stream.Signal(15);
            await stream.WaitForExitAsync(Token);
        }
        await using var other = await PostgresServer.StartAsync(
            ClusterWorld.Major,
            new PostgresServerOptions { Checksums = false },
            Token
        );
        await world.WritePlanAsync("plan.yaml", world.Vault, other);

        var streamed = await world.TryRunAsync("wal", "stream", ClusterWorld.Asset);

        Assert.True(streamed.ExitCode == 10, streamed.ToString());
        Assert.Contains("code: wal-foreign-system", streamed.Error, StringComparison.Ordinal);
        var backup = await world.TryRunAsync("backup", ClusterWorld.Asset);
        Assert.True(backup.ExitCode == 10, backup.ToString());
        Assert.Contains("code: postgres-foreign-cluster", backup.Error, StringComparison.Ordinal);
        await world.WritePlanAsync("plan.yaml", world.Vault, world.Server);
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
    }

    private static Task WaitCaughtUpAsync(ClusterWorld world) =>
        world.Server.WaitForAsync(
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND flush_lsn >= pg_current_wal_flush_lsn()",
            "1",
            Token
        );
}
