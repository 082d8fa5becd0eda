using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>A failover that nobody told the plan of.</summary>
public sealed class FailoverBackupTests
{
    private const string Slots = "SELECT bool_or(active) FROM pg_replication_slots WHERE slot_name = 'resurgam_db'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 180_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_old_primary_is_not_backed_up_and_a_backup_before_comes_up_alone(bool isLocal)
    {
        await using var world = isLocal
            ? await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken)
            : await ClusterWorld.CreateStreamedAsync(ClusterWorld.Major, null, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync("CREATE TABLE t AS SELECT 1 AS id", Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await using var next = await PostgresServer.StartAsync(
            ClusterWorld.Major,
            new PostgresServerOptions { StandbyOf = world.Server },
            Token
        );
        await next.PromoteAsync(Token);
        await world.WritePlanAsync("next.yaml", world.Vault, next);
        await StreamAsync(world, next, "INSERT INTO t VALUES (2); SELECT pg_switch_wal()");
        await world.Server.QueryAsync("INSERT INTO t VALUES (3); CHECKPOINT", Token);

        var old = await world.TryRunAsync("backup", ClusterWorld.Asset);

        Assert.True(old.ExitCode == 10, old.ToString());
        Assert.Contains("code: wal-timeline-behind", old.Error, StringComparison.Ordinal);
        Assert.Single(await world.SnapshotsAsync());
        Assert.Equal("1", (await world.AskRestoredAsync("SELECT sum(id) FROM t", "--at", "consistent"))[0][0]);
        await world.RunAsync("verify", ClusterWorld.Asset, "--snapshot-only");
        var backup = await world.TryRunAsync("next.yaml", ["backup", ClusterWorld.Asset]);
        Assert.True(backup.ExitCode == 0, backup.ToString());
    }

    /// <summary>One that was taken before there was a check, or before the new primary was heard of, is no trap for the night.</summary>
    [Fact(Timeout = 180_000)]
    public async Task A_backup_that_a_newer_timeline_left_behind_comes_up_as_it_was()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync("CREATE TABLE t AS SELECT 1 AS id", Token);
        await using var next = await PostgresServer.StartAsync(
            ClusterWorld.Major,
            new PostgresServerOptions { StandbyOf = world.Server },
            Token
        );
        await next.PromoteAsync(Token);
        await world.Server.QueryAsync("INSERT INTO t VALUES (3)", Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await world.WritePlanAsync("next.yaml", world.Vault, next);
        await StreamAsync(world, next, "INSERT INTO t VALUES (2)");

        Assert.Equal("4", (await world.AskRestoredAsync("SELECT sum(id) FROM t", "--at", "consistent"))[0][0]);
        await world.RunAsync("verify", ClusterWorld.Asset, "--snapshot-only");
    }

    /// <summary>By the plan of the new primary, until it has all.</summary>
    private static async Task StreamAsync(ClusterWorld world, PostgresServer next, string sql)
    {
        await using var stream = world.StartWith("next.yaml", "wal", "stream", ClusterWorld.Asset);
        await next.WaitForAsync(Slots, "t", Token);
        await next.QueryAsync(sql, Token);
        await next.WaitForAsync("SELECT flush_lsn >= pg_current_wal_flush_lsn() FROM pg_stat_replication", "t", Token);
        stream.Signal(15);
        Assert.Equal(0, (await stream.WaitForExitAsync(Token)).ExitCode);
    }
}
