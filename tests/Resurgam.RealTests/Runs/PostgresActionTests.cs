using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;

namespace Resurgam.RealTests.Runs;

/// <summary>Actions on a real server, each as the interpreter does it.</summary>
public sealed class PostgresActionTests
{
    private const string Secret = "neu: correct horse";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_password_is_rotated_with_two_credentials_there_and_back()
    {
        await using var server = await StartAsync(TestContext.Current.CancellationToken);
        await server.QueryAsync(
            "create role \"app-a\" login password 'alt'; alter role \"app-a\" set work_mem = '9MB'; alter role \"app-a\" set search_path = \"$user\", \"own one\"; create table orders (id int); alter table orders owner to \"app-a\"",
            Token
        );
        var rotate = Rotate(server, "app-a", "app-b");
        var report = await rotate.RunAsync();

        Assert.Equal("app-b gets in with the new password, and app-a as before", report.What);
        Assert.Equal(
            ["app-a", "9MB", "\"$user\", \"own one\""],
            (
                await QueryAsync(
                    server,
                    "app-b",
                    Secret,
                    "insert into public.orders values (1); select current_user, current_setting('work_mem'), current_setting('search_path')"
                )
            )[^1]
        );
        await QueryAsync(server, "app-a", "alt", "insert into public.orders values (2)");
        Assert.True(await rotate.ProbeAsync());
        await rotate.RepeatAsync();
        Assert.Equal("t", await server.ScalarAsync(HashQuery("app-b"), Token));

        await using var old = await OpenAsync(server, "app-a", "alt");
        var revoke = Revoke(server, "app-a", "app-b");
        Assert.Equal("app-a would be barred, and 1 sessions of it ended", (await revoke.LookAsync()).What);
        Assert.False(await revoke.ProbeAsync());
        Assert.Equal("app-a is barred; 1 sessions of it were ended", (await revoke.ActAsync()).What);
        Assert.True(await revoke.ProbeAsync());
        await Assert.ThrowsAsync<ResurgamException>(() => QueryAsync(server, "app-a", "alt", "select 1"));

        // The next time it goes the other way, and the second owns nothing that would keep it alive.
        await Rotate(server, "app-b", "app-a").RunAsync();
        await Revoke(server, "app-b", "app-a").RunAsync();
        await QueryAsync(server, "app-a", Secret, "drop table public.orders");
        Assert.Equal("f", await server.ScalarAsync("select rolcanlogin from pg_roles where rolname = 'app-b'", Token));
    }

    [Fact(Timeout = 120_000)]
    public async Task Nobody_is_locked_out_by_a_rotation_or_its_undo()
    {
        await using var server = await StartAsync(TestContext.Current.CancellationToken);
        await server.QueryAsync(
            "create role app login password 'alt'; create role other login password 'in use'; create role barred",
            Token
        );

        Assert.Equal("action-credential", await CodeOf(Rotate(server, "app", "other").RunAsync));
        await QueryAsync(server, "other", "in use", "select 1");
        Assert.Equal("action-credential", await CodeOf(Rotate(server, "nobody", "other").RunAsync));
        Assert.Equal("action-credential", await CodeOf(Revoke(server, "app", "barred").RunAsync));
        Assert.Equal("action-credential", await CodeOf(Revoke(server, "postgres", "app").RunAsync));
        var rotate = Rotate(server, "app", "barred");
        await rotate.RunAsync();
        await rotate.UndoAsync();
        Assert.False(await rotate.ProbeAsync());
        var revoke = Revoke(server, "app", "other");
        await revoke.RunAsync();
        await revoke.UndoAsync();
        await QueryAsync(server, "app", "alt", "select 1");
    }

    [Fact(Timeout = 120_000)]
    public async Task The_password_is_in_no_log_no_note_and_no_message()
    {
        await using var server = await StartAsync(TestContext.Current.CancellationToken);
        await server.QueryAsync("alter system set log_statement = 'all'", Token);
        await server.QueryAsync("select pg_reload_conf()", Token);
        await server.QueryAsync("create role app login password 'alt'", Token);
        await server.WaitForAsync("show log_statement", "all", Token);
        var rotate = Rotate(server, "app", "app-b");
        var before = await rotate.LookAsync();
        var report = await rotate.ActAsync();

        var log = await File.ReadAllTextAsync(server.LogFile, Token);
        Assert.Contains("alter role \"app-b\" login", log, StringComparison.Ordinal);
        foreach (var text in new[] { log, before.ToString(), report.ToString(), string.Join(' ', report.Notes) })
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_copy_takes_the_place_of_a_database_when_it_is_proven_and_gives_it_back()
    {
        await using var server = await StartAsync(TestContext.Current.CancellationToken);
        await server.QueryAsync("create database shop", Token);
        await server.QueryAsync("create database \"shop-restored\"", Token);
        await FillAsync(server, "shop", "old");
        var swap = Swap(server);
        Assert.Equal("postgres-server-error", await CodeOf(swap.RunAsync));
        await FillAsync(server, "shop-restored", "bad");
        Assert.Equal("action-swap", await CodeOf(swap.RunAsync));
        Assert.Equal("old", await StateAsync(server, "shop"));

        await FillAsync(server, "shop-restored", "good");
        await using var client = await OpenAsync(server, "postgres", PostgresServer.Password, "shop");
        Assert.Equal("shop-restored is shop now, and the old one is shop-before", (await swap.RunAsync()).What);
        Assert.Equal(("good", "old"), (await StateAsync(server, "shop"), await StateAsync(server, "shop-before")));
        Assert.True(await swap.ProbeAsync());
        Assert.Equal("shop is the copy already", (await swap.RepeatAsync()).What);
        await swap.UndoAsync();
        await swap.UndoAsync();
        Assert.Equal(("old", "good"), (await StateAsync(server, "shop"), await StateAsync(server, "shop-restored")));
        Assert.False(await swap.ProbeAsync());
        await server.QueryAsync("create database \"shop-before\"", Token);
        Assert.Equal("action-swap", await CodeOf(swap.ActAsync));

        await server.QueryAsync("drop database shop", Token);
        var fresh = Swap(server);
        await server.QueryAsync("drop database \"shop-before\"", Token);
        Assert.Equal("shop-restored is shop now", (await fresh.RunAsync()).What);
        Assert.True(await fresh.ProbeAsync());
        await fresh.UndoAsync();
        Assert.Equal("good", await StateAsync(server, "shop-restored"));
    }

    private static Task<PostgresServer> StartAsync(CancellationToken cancellationToken) =>
        PostgresServer.StartAsync(15, new PostgresServerOptions { Tcp = true }, cancellationToken);

    [Fact(Timeout = 120_000)]
    public async Task A_restart_that_was_cut_off_while_the_server_was_down_is_finished()
    {
        await using var server = await StartAsync(TestContext.Current.CancellationToken);
        var raise = Local(
            server,
            "{ action: postgres-setting, with: { target: db, name: max_connections, value: '77', restart: true } }"
        );
        var restart = Local(server, "{ action: postgres-restart, with: { target: db } }");
        var before = await server.ScalarAsync("show max_connections", Token);
        await raise.LookAsync();
        await server.QueryAsync("alter system set max_connections = '77'", Token);
        await server.StopAsync(StopMode.Fast, Token);
        Assert.Equal("postgres-unreachable", await CodeOf(raise.ActAsync));
        Assert.Equal("max_connections is 77", (await raise.RepeatAsync()).What);

        await server.StopAsync(StopMode.Fast, Token);
        await raise.UndoAsync();
        Assert.Equal(before, await server.ScalarAsync("show max_connections", Token));

        await restart.LookAsync();
        await server.StopAsync(StopMode.Fast, Token);
        Assert.Equal("postgres-unreachable", await CodeOf(restart.ProbeAsync));
        var report = await restart.RepeatAsync();
        var since = await server.ScalarAsync("select pg_postmaster_start_time()", Token);
        Assert.Equal($"db is up since {since}", report.What);
        Assert.True(await restart.ProbeAsync());
        Assert.Equal(report.What, (await restart.RepeatAsync()).What);
        // A person who asks again wants it done again.
        Assert.NotEqual(report.What, (await restart.RetryAsync()).What);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_is_stopped_and_started_once_and_each_undoes_the_other()
    {
        await using var server = await StartAsync(TestContext.Current.CancellationToken);
        var stop = Local(server, "{ action: postgres-stop, with: { target: db } }");
        var start = Local(server, "{ action: postgres-start, with: { target: db } }");
        await server.QueryAsync("alter system set work_mem = '5MB'", Token);

        Assert.Equal("db takes connections", (await start.RunAsync()).What);
        Assert.Equal("db is as it was: it runs", (await start.UndoAsync()).What);
        Assert.Equal("db is down", (await stop.RunAsync()).What);
        Assert.True(await stop.ProbeAsync());
        Assert.False(await start.ProbeAsync());
        Assert.Equal("db is down", (await stop.RepeatAsync()).What);
        await stop.UndoAsync();
        Assert.Equal("5MB", await server.ScalarAsync("show work_mem", Token));
        Assert.False(await stop.ProbeAsync());

        await server.StopAsync(StopMode.Fast, Token);
        var again = Local(server, "{ action: postgres-start, with: { target: db } }");
        // As after a restore, which brings no word of how it was started.
        File.Delete(Path.Combine(server.DataDirectory, "postmaster.opts"));
        await again.RunAsync();
        Assert.True(await again.ProbeAsync());
        await again.UndoAsync();
        Assert.False(await again.ProbeAsync());
        Assert.Equal(
            "action-not-local",
            await CodeOf(
                new StepBench(
                    "{ db: { kind: postgres, connection: host=/nowhere, data-directory: /nowhere } }",
                    "{ action: postgres-stop, with: { target: db } }",
                    Token
                ).ActAsync
            )
        );
    }

    private static StepBench Local(PostgresServer server, string step) =>
        new(
            $"{{ db: {{ kind: postgres, connection: '{server.ConnectionString}', data-directory: {server.DataDirectory} }} }}",
            step,
            Token,
            TimeProvider.System
        );

    private static StepBench Rotate(PostgresServer server, string from, string to)
    {
        StepBench bench = new(
            Targets(server),
            $"{{ action: postgres-rotate, with: {{ target: db, from: {from}, to: {to}, password: {{ env: NEW }} }} }}",
            Token,
            TimeProvider.System
        );
        bench.Variables["NEW"] = Secret;
        return bench;
    }

    private static StepBench Revoke(PostgresServer server, string role, string other) =>
        new(
            Targets(server),
            $"{{ action: postgres-revoke, with: {{ target: db, role: {role}, in-favour-of: {other} }} }}",
            Token,
            TimeProvider.System
        );

    private static StepBench Swap(PostgresServer server) =>
        new(
            Targets(server),
            "{ action: postgres-swap, with: { target: db, database: shop, beside: shop-restored, keep: shop-before, query: select name from state, expect: good } }",
            Token,
            TimeProvider.System
        );

    private static string Targets(PostgresServer server) =>
        $"{{ db: {{ kind: postgres, connection: '{server.ConnectionString}', clients: 'host=127.0.0.1 port={server.Port} dbname=postgres' }} }}";

    private static async Task FillAsync(PostgresServer server, string database, string state) =>
        await QueryAsync(
            server,
            "postgres",
            PostgresServer.Password,
            $"drop table if exists state; create table state as select '{state}' as name",
            database
        );

    private static async Task<string?> StateAsync(PostgresServer server, string database) =>
        (await QueryAsync(server, "postgres", PostgresServer.Password, "select name from state", database))[0][0];

    private static async Task<IReadOnlyList<string?[]>> QueryAsync(
        PostgresServer server,
        string user,
        string password,
        string sql,
        string database = "postgres"
    )
    {
        await using var connection = await OpenAsync(server, user, password, database);
        return await connection.QueryAsync(sql, Token);
    }

    private static Task<PostgresConnection> OpenAsync(
        PostgresServer server,
        string user,
        string password,
        string database = "postgres"
    ) =>
        PostgresConnection.OpenAsync(
            ConnectionSettings.Parse(server.TcpConnectionString, PostgresServer.NoEnvironment) with
            {
                User = user,
                Database = database,
                Password = PasswordSource.Of(password),
            },
            SessionKind.Sql,
            TimeProvider.System,
            Token
        );

    private static string HashQuery(string role) =>
        $"select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = '{role}'";

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
