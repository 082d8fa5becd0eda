using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Drills;

/// <summary>A database is restored where nobody uses it: from the vault, and from a replica when the first place is gone.</summary>
public sealed class DatabaseDrillTests
{
    private const string Hours = "insert into t values (now() - interval '3 hours')";
    private const string Now = "insert into t values (now())";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 180_000)]
    [InlineData("nothing", "")]
    [InlineData("damaged", "restore: ")]
    [InlineData("stale", "RPO missed: 3h")]
    public async Task A_restore_test_passes_unless_the_backup_is_damaged_or_stale(string sabotage, string reason)
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync($"create table t (at timestamptz); {(sabotage == "stale" ? Hours : Now)}", Token);
        var drill = await ExtendAsync(world, "");
        await world.RunAsync("backup", "db");
        if (sabotage == "damaged")
            Damage(world);

        var exit = await world.TryRunAsync("drill", "restore-test", "--output", "json");

        var report = DrillWorld.ReportOf(exit, reason.Length == 0 ? 0 : 41);
        if (reason.Length > 0)
            Assert.StartsWith(reason, DrillWorld.ReasonOf(report), StringComparison.Ordinal);
        else
            Assert.InRange(report.GetProperty("loss").GetDouble(), 0, 60);
        Assert.False(Path.Exists(drill));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_copy_that_was_killed_and_deleted_comes_back_and_all_of_it_goes_at_the_end()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync($"create table t (at timestamptz); {Now}", Token);
        var drill = await ExtendAsync(world, "");
        await world.RunAsync("backup", "db");

        var report = DrillWorld.ReportOf(await world.TryRunAsync("drill", "loss", "--output", "json"), 0);

        Assert.Equal(
            ["prepare-copy", "fault-kill", "fault-burn", "restore", "drill-hold", "drill-newest-after"],
            report.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("step").GetString())
        );
        Assert.All(
            report.GetProperty("steps").EnumerateArray(),
            step => Assert.Equal("done", step.GetProperty("status").GetString())
        );
        Assert.False(Path.Exists(drill));
        Assert.Equal("1", await world.Server.ScalarAsync("select count(*) from t", Token));
    }

    [Theory(Timeout = 180_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_region_that_is_gone_comes_back_from_the_replica_unless_that_is_stale(bool isStale)
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        var plan = Path.Combine(world.Folder, "plan.yaml");
        await File.WriteAllTextAsync(
            plan,
            (await File.ReadAllTextAsync(plan, Token)).Replace(
                "secret:",
                $"replicas: [{{ name: far, store: \"file://{world.Folder}/far\" }}], secret:",
                StringComparison.Ordinal
            ),
            Token
        );
        await ExtendAsync(world, "from: far");
        await world.Server.QueryAsync($"create table t (at timestamptz); {Hours}", Token);
        await world.RunAsync("backup", "db");
        await world.RunAsync("vault", "copy");
        await world.Server.QueryAsync(Now, Token);
        await world.RunAsync("backup", "db");
        if (!isStale)
            await world.RunAsync("vault", "copy");
        Damage(world); // of the first place nothing can be restored any more

        var exit = await world.TryRunAsync("drill", "restore-test", "--output", "json");

        var report = DrillWorld.ReportOf(exit, isStale ? 41 : 0);
        Assert.Equal("far", report.GetProperty("from").GetString());
        if (isStale)
            Assert.StartsWith("RPO missed: 3h", DrillWorld.ReasonOf(report), StringComparison.Ordinal);
    }

    [Theory(Timeout = 180_000)]
    [InlineData("nothing", "")]
    [InlineData("blocked", "promote: not done within 3s")]
    [InlineData("stale", "RPO missed: 3h")]
    public async Task A_failover_passes_unless_the_promotion_is_blocked_or_the_standby_is_stale(
        string sabotage,
        string reason
    )
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var primary = await PostgresServer.StartAsync(ClusterWorld.Major, null, Token);
        await primary.QueryAsync($"create table t (at timestamptz); {Hours}", Token);
        await using var standby = await PostgresServer.StartAsync(
            ClusterWorld.Major,
            new PostgresServerOptions { StandbyOf = primary },
            Token
        );
        await DrillWorld.ExtendPlanAsync(world.Restic.Folder, Failover(primary, standby), Token);
        var startup = "";
        if (sabotage == "stale")
        {
            await standby.QueryAsync("alter system set primary_conninfo = 'host=/nowhere'", Token);
            await standby.QueryAsync("select pg_reload_conf()", Token);
            await standby.WaitForAsync("select count(*) from pg_stat_wal_receiver", "0", Token);
        }
        await primary.QueryAsync(Now, Token);
        if (sabotage != "stale")
            await standby.WaitForAsync("select count(*) from t", "2", Token);
        if (sabotage == "blocked")
        {
            startup =
                await standby.ScalarAsync("select pid from pg_stat_activity where backend_type = 'startup'", Token)
                ?? "";
            await SignalAsync("STOP", startup);
        }
        JsonElement report;
        try
        {
            var exit = await world.TryRunAsync("drill", "failover", "--output", "json");
            report = DrillWorld.ReportOf(exit, reason.Length == 0 ? 0 : 41);
        }
        finally
        {
            if (startup.Length > 0)
                await SignalAsync("CONT", startup);
        }
        if (reason.Length > 0)
            Assert.StartsWith(reason, DrillWorld.ReasonOf(report), StringComparison.Ordinal);
        else
            Assert.Equal("f", await standby.ScalarAsync("select pg_is_in_recovery()", Token));
        // The undo of the fault: the primary runs again.
        Assert.Equal("2", await primary.ScalarAsync("select count(*) from t", Token));
    }

    private static string Failover(PostgresServer primary, PostgresServer standby) =>
        $$"""
            scenarios:
              failover: { rto: 1m, rpo: 1h, runbook: failover }
            targets:
              primary: { kind: postgres, connection: host=/nowhere/primary, drill: { connection: {{primary.ConnectionString}}, data-directory: {{primary.DataDirectory}} } }
              standby: { kind: postgres, connection: host=/nowhere/standby, drill: { connection: {{standby.ConnectionString}} } }
            runbooks:
              failover:
                steps:
                  fence: { action: postgres-fence, with: { target: primary }, critical: false }
                  promote: { action: postgres-promote, with: { target: standby }, needs: [fence], irreversible: true, timeout: 3s }
            drills:
              failover:
                scenario: failover
                inject: { kill: { action: fault-kill-postgres, with: { target: primary } } }
                holds: [{ sql: { target: standby, query: select pg_is_in_recovery(), expect: f } }]
                hold-for: 1s
                newest-before: { target: primary, query: select max(at) from t }
                newest-after: { target: standby, query: select max(at) from t }
            """;

    /// <returns>The folder of the drill's cluster.</returns>
    private static async Task<string> ExtendAsync(ClusterWorld world, string from)
    {
        var socket = Directory.CreateDirectory(Path.Combine(world.Folder, "drill-socket")).FullName;
        File.SetUnixFileMode(socket, (UnixFileMode)0x1FF);
        var data = Path.Combine(world.Folder, "drill-data");
        var restore =
            $"{{ action: vault-restore, with: {{ asset: db, to: {world.Folder}/real, drill-to: {data}, start: true, settings: ['unix_socket_directories={socket}'] }} }}";
        await DrillWorld.ExtendPlanAsync(
            world.Folder,
            $$"""
            scenarios:
              loss: { rto: 2m, rpo: 1h, runbook: back }
            targets:
              db: { kind: postgres, connection: host=/nowhere, drill: { connection: host={{socket}} port={{world.Server.Port}} user=postgres dbname=postgres, data-directory: {{data}}, binaries: {{Servers.Require(
                world.Server.Major
            )}} } }
            runbooks:
              back: { steps: { restore: {{restore}} } }
            drills:
              restore-test:
                scenario: loss
                holds: [{ sql: { target: db, query: select count(*) > 0 from t, expect: t } }]
                hold-for: 1s
                newest-after: { target: db, query: select max(at) from t }
                {{from}}
              loss:
                scenario: loss
                prepare: { copy: {{restore}} }
                inject:
                  kill: { action: fault-kill-postgres, with: { target: db } }
                  burn: { action: fault-destroy, with: { path: {{data}} }, needs: [kill] }
                holds: [{ sql: { target: db, query: select count(*) > 0 from t, expect: t } }]
                hold-for: 1s
                newest-after: { target: db, query: select max(at) from t }
            """,
            Token
        );
        return data;
    }

    /// <summary>Every pack of the vault's own place loses its second half.</summary>
    private static void Damage(ClusterWorld world)
    {
        foreach (
            var pack in Directory.EnumerateFiles(
                Path.Combine(world.Generation, "data"),
                "*",
                SearchOption.AllDirectories
            )
        )
        {
            var bytes = File.ReadAllBytes(pack);
            File.Delete(pack);
            File.WriteAllBytes(pack, bytes[..(bytes.Length / 2)]);
        }
    }

    private static async Task SignalAsync(string signal, string process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", process]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }
}
