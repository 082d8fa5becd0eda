using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Runs;

/// <summary>Runs through the program, with effects on a real server that can be counted.</summary>
public sealed class RunCommandTests
{
    private const string Effects = """
        runbooks:
          work:
            steps:
              one: { action: sql, with: { target: db, statement: "insert into effects values ('one')" } }
              two:
                action: sql
                with: { target: db, statement: "insert into effects values ('two')" }
                needs: [one]
                postcondition: { sql: { target: db, query: select count(*) from gates, expect: '1' } }
              three: { action: sql, with: { target: db, statement: "insert into effects values ('three')" }, needs: [two] }

        """;

    private const string Settings = """
        runbooks:
          connections:
            title: More connections
            steady-state: [{ sql: { target: db, query: show max_connections, expect: '100' } }]
            steps:
              look: { action: postgres-diagnose, with: { target: db }, estimate: 2s }
              fence: { action: postgres-fence, with: { target: db }, needs: [look], estimate: 5s }
              raise:
                action: postgres-setting
                with: { target: db, name: max_connections, value: '77', restart: true }
                needs: [fence]
                estimate: 1m
              gate: { action: approve, approval: { by: [anna, ben], two-person: true }, needs: [raise] }
              end: { action: postgres-terminate, with: { target: db }, needs: [gate] }

        """;

    [Theory(Timeout = 180_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_was_killed_goes_on_in_another_process_and_no_effect_comes_twice(bool isVisible)
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync(Effects);
        await world.Server.QueryAsync("create table effects (name text); create table gates (name text)", token);
        await using var first = world.Start("run", "work", "--as", "anna", "--reason", "a test");
        var run = (await first.WaitForLineAsync("run work-", token)).Split(' ')[^1];
        await world.Server.WaitForAsync("select count(*) from effects", "2", token);
        first.Kill();
        await first.WaitForExitAsync(token);
        if (isVisible)
            await world.Server.QueryAsync("insert into gates values ('open')", token);

        var resumed = await world.TryRunAsync(
            "runs",
            "resume",
            run,
            "--reason",
            "it was killed",
            "--no-wait",
            "--output",
            "json"
        );

        if (!isVisible)
        {
            Assert.True(resumed.ExitCode == 40, resumed.ToString());
            using var waiting = JsonDocument.Parse(resumed.Output);
            Assert.Equal(
                "two",
                Assert.Single(waiting.RootElement.GetProperty("waits").EnumerateArray()).GetProperty("step").GetString()
            );
            await world.RunAsync("runs", "done", run, "two", "--as", "ben", "--reason", "the row is there");
            resumed = await world.TryRunAsync("runs", "resume", run, "--reason", "go on", "--output", "json");
        }
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Equal(
            [
                ["one"],
                ["three"],
                ["two"],
            ],
            await world.Server.QueryAsync("select name from effects order by name", token)
        );
        await world.RunAsync("ledger", "verify", "--all-signatures");
        Assert.Contains("completed", await world.RunAsync("runs", "list"), StringComparison.Ordinal);
    }

    /// <summary>Who goes on must not meet what the killed process had begun; what a step has started for good stays.</summary>
    [Fact(Timeout = 180_000)]
    public async Task A_program_of_a_step_ends_with_the_process_that_runs_it()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync("");
        var (served, worked) = (Path.Combine(world.Folder, "served"), Path.Combine(world.Folder, "worked"));
        await AppendAsync(
            world,
            $$"""
            runbooks:
              work:
                steps:
                  serve: { action: command, with: { argv: [sh, -c, 'sleep 3600 >&- 2>&- & echo $! >{{served}}'] } }
                  work: { action: command, needs: [serve], with: { argv: [sh, -c, 'sleep 3600 & echo $! >{{worked}}; wait'] } }

            """
        );
        await using var first = world.Start("run", "work", "--as", "anna", "--reason", "a test");
        await Eventually.HoldsAsync("the work has begun", () => PidIn(worked) is not null, token);
        var (server, worker) = (PidIn(served), PidIn(worked));
        try
        {
            first.Kill();
            await first.WaitForExitAsync(token);

            await Eventually.HoldsAsync("the work has ended", () => !Directory.Exists($"/proc/{worker}"), token);
            Assert.True(Directory.Exists($"/proc/{server}"), "what the step before has started goes on");
        }
        finally
        {
            foreach (var left in new[] { server, worker }.OfType<int>().Where(pid => Directory.Exists($"/proc/{pid}")))
                System.Diagnostics.Process.GetProcessById(left).Kill();
        }
    }

    /// <summary>A file system that is gone for a while, with a step in the making.</summary>
    [Fact(Timeout = 180_000)]
    public async Task A_run_waits_for_a_store_that_is_away()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync("");
        var (begun, gate) = (Path.Combine(world.Folder, "begun"), Path.Combine(world.Folder, "gate"));
        await AppendAsync(
            world,
            $$"""
            runbooks:
              work:
                steps:
                  wait: { action: command, with: { argv: [sh, -c, 'touch {{begun}}; until [ -e {{gate}} ]; do sleep 0.1; done'] } }
                  after: { action: command, needs: [wait], with: { argv: [rm, {{gate}}] } }

            """
        );
        await using var run = world.Start("run", "work", "--as", "anna", "--reason", "a test");
        await Eventually.HoldsAsync("the step has begun", () => File.Exists(begun), token);
        Directory.Move(world.Vault, world.Vault + ".away");
        await run.WaitForLineAsync("no step begins until the vault is in reach", token);
        await File.WriteAllTextAsync(gate, "", token);
        Directory.Move(world.Vault + ".away", world.Vault);

        var exit = await run.WaitForExitAsync(token);

        Assert.True(exit.ExitCode == 0, exit.ToString());
        Assert.False(File.Exists(gate));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_setting_that_takes_a_restart_is_changed_approved_by_the_right_person_and_brought_back()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync(Settings);
        var planned = await world.AskAsync("run", "connections", "--dry-run");
        Assert.Equal(67, planned.GetProperty("predicted").GetDouble());
        Assert.Contains(
            "max_connections is 100",
            planned.GetProperty("steps")[2].GetProperty("now").GetString(),
            StringComparison.Ordinal
        );

        var ran = await world.TryRunAsync("run", "connections", "--as", "anna", "--reason", "too few", "--no-wait");
        Assert.True(ran.ExitCode == 40, ran.ToString());
        Assert.Equal("77", await world.Server.ScalarAsync("show max_connections", token));
        Assert.Equal("0", await LimitAsync(world));
        var run = Assert
            .Single((await world.AskAsync("runs", "list")).GetProperty("runs").EnumerateArray())
            .GetProperty("run")
            .GetString()!;

        var alone = await world.TryRunAsync("runs", "approve", run, "gate", "--as", "anna", "--reason", "mine");
        Assert.Equal(10, alone.ExitCode);
        Assert.Contains("another person has to approve", alone.Error, StringComparison.Ordinal);
        await world.RunAsync("runs", "approve", run, "gate", "--as", "ben", "--reason", "seen");
        await world.RunAsync("runs", "abort", run, "--as", "anna", "--reason", "no longer needed");
        var ended = await world.TryRunAsync("runs", "resume", run, "--reason", "undo it");

        Assert.True(ended.ExitCode == 41, ended.ToString());
        Assert.Contains("steady", ended.Output, StringComparison.Ordinal);
        Assert.Equal("100", await world.Server.ScalarAsync("show max_connections", token));
        Assert.Equal("-1", await LimitAsync(world));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_drill_restores_elsewhere_and_touches_nothing_of_the_real_thing()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync("");
        var (real, drill) = (Path.Combine(world.Folder, "real"), Path.Combine(world.Folder, "drill"));
        await AppendAsync(
            world,
            $$"""
            runbooks:
              back:
                steps:
                  copy: { action: vault-backup, with: { asset: db } }
                  back: { action: vault-restore, with: { asset: db, to: {{real}}, drill-to: {{drill}} }, needs: [copy], undo: { action: command, with: { argv: [rm, -rf, {{drill}}] } } }
                  check: { action: command, with: { argv: [test, -s, {{drill}}/PG_VERSION] }, needs: [back], drill: run }
                  tell: { action: command, with: { argv: [touch, {{real}}] } }
              fence: { steps: { fence: { action: postgres-fence, with: { target: db } } } }

            """
        );

        var passed = await world.TryRunAsync("run", "back", "--drill", "--output", "json");

        Assert.True(passed.ExitCode == 0, passed.ToString());
        Assert.False(Directory.Exists(drill) || Path.Exists(real));
        Assert.Contains("not done in a drill", passed.Output, StringComparison.Ordinal);
        var refused = await world.TryRunAsync("run", "fence", "--drill");
        Assert.Equal(22, refused.ExitCode);
        Assert.Contains("drill-refused", refused.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 180_000)]
    public async Task A_replica_is_brought_up_to_date_by_a_step()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync(
            """
            runbooks:
              keep:
                steps:
                  backup: { action: vault-backup, with: { asset: db } }
                  verify: { action: vault-verify, with: { asset: db }, needs: [backup] }
                  copy: { action: vault-copy, with: { replica: second, read-back: true }, needs: [verify] }

            """
        );
        var file = Path.Combine(world.Folder, "plan.yaml");
        var second = Path.Combine(world.Folder, "second");
        var plan = await File.ReadAllTextAsync(file, token);
        await File.WriteAllTextAsync(
            file,
            plan.Replace(
                "vault: {",
                $"vault: {{ replicas: [{{ name: second, store: 'file://{second}' }}],",
                StringComparison.Ordinal
            ),
            token
        );

        var planned = await world.AskAsync("run", "keep", "--dry-run");
        Assert.Contains("second: would get", planned.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(second, "generations")));
        await world.RunAsync("run", "keep", "--reason", "a test");

        Assert.NotEmpty(
            (await world.AskAsync("snapshots", "--from", "second")).GetProperty("snapshots").EnumerateArray()
        );
    }

    [Fact(Timeout = 180_000)]
    public async Task A_cluster_is_restored_in_place_once_its_server_is_stopped()
    {
        var token = TestContext.Current.CancellationToken;
        await using var world = await WorldAsync("");
        await AppendAsync(
            world,
            $$"""
            runbooks:
              back:
                steps:
                  stop: { action: postgres-stop, with: { target: db } }
                  restore: { action: vault-restore, with: { asset: db, to: {{world.Server.DataDirectory}}, delta: true, start: true }, needs: [stop] }
                  prove: { action: sql, with: { target: db, statement: analyze, idempotent: true }, needs: [restore], postcondition: { sql: { target: db, query: select count(*) from t, expect: '2' } } }
              again: { steps: { stop: { action: postgres-stop, with: { target: db } }, start: { action: postgres-start, with: { target: db }, needs: [stop] } } }

            """
        );
        await world.Server.QueryAsync("create table t as select generate_series(1, 2) as n", token);
        await world.RunAsync("backup", "db");
        await world.Server.QueryAsync("delete from t", token);
        var planned = await world.RunAsync("run", "back", "--dry-run");
        Assert.Contains("now: db runs\n", planned, StringComparison.Ordinal);
        Assert.Contains("; not done yet: db answers '0' and not '2'\n", planned, StringComparison.Ordinal);

        await world.RunAsync("run", "back", "--at", "consistent", "--reason", "rows were deleted");
        await world.RunAsync("run", "again", "--reason", "a test");

        Assert.Equal("2", await world.Server.ScalarAsync("select count(*) from t", token));
    }

    private static Task<string?> LimitAsync(ClusterWorld world) =>
        world.Server.ScalarAsync(
            "select datconnlimit from pg_database where datname = 'postgres'",
            TestContext.Current.CancellationToken
        );

    /// <returns>Null while there is none.</returns>
    private static int? PidIn(string path) =>
        File.Exists(path) && int.TryParse(File.ReadAllText(path), out var pid) ? pid : null;

    private static async Task<ClusterWorld> WorldAsync(string runbooks)
    {
        var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await AppendAsync(
            world,
            $$"""
            targets:
              db:
                kind: postgres
                connection: {{world.Server.ConnectionString}}
                data-directory: {{world.Server.DataDirectory}}
                binaries: {{Servers.Require(world.Server.Major)}}
            {{runbooks}}

            """
        );
        return world;
    }

    private static Task AppendAsync(ClusterWorld world, string text) =>
        File.AppendAllTextAsync(Path.Combine(world.Folder, "plan.yaml"), text, TestContext.Current.CancellationToken);
}
