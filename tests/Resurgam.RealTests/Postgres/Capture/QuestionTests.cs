using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Capture;

/// <summary>A plan's questions can only read, and cost a backup nothing but their own answer.</summary>
public sealed class QuestionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_question_changes_nothing_whatever_it_says(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, TestContext.Current.CancellationToken);
        await server.QueryAsync("create table t as select 7 as n", Token);
        await using var connection = await server.OpenAsync(Token);
        foreach (
            var (sql, state) in new[]
            {
                ("insert into t values (1) returning 1", "25006"),
                ("commit; drop table t", "42601"),
                ("select 1; select 2", "42601"),
                ("do $$ begin set transaction read write; drop table t; end $$", "25001"),
                ("select set_config('transaction_read_only', 'off', false)", "25001"),
                ("do $$ begin commit; drop table t; end $$", "2D000"),
                ("select no_such_column from t", "42703"),
            }
        )
        {
            var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
                connection.AskAsync(sql, isInTransaction: false, Token)
            );
            Assert.Equal((sql, state), (sql, PostgresErrorException.SqlStateOf(failure)));
        }
        Assert.Null(await connection.AskAsync("commit", isInTransaction: false, Token));

        Assert.Equal("7", await connection.AskAsync("select n from t", isInTransaction: false, Token));
        Assert.Equal("0", await connection.AskAsync("select generate_series(0, 9)", isInTransaction: false, Token));
        Assert.Equal(
            "1min",
            await connection.AskAsync("select current_setting('statement_timeout')", isInTransaction: false, Token)
        );
        Assert.Equal(
            "1min",
            await connection.AskAsync("select current_setting('lock_timeout')", isInTransaction: false, Token)
        );
        Assert.Equal(["7"], Assert.Single(await server.QueryAsync("select n from t", Token)));
    }

    /// <summary>The moment that a dump is of outlasts a question that fails in it.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_question_inside_a_transaction_leaves_it_whole()
    {
        await using var server = await PostgresServer.StartAsync(15, null, TestContext.Current.CancellationToken);
        await using var connection = await server.OpenAsync(Token);
        await connection.QueryAsync("create table t (n int)", Token);
        await connection.QueryAsync("begin isolation level repeatable read; select 1", Token);

        foreach (var sql in new[] { "select 1/0", "insert into t values (1)" })
            await Assert.ThrowsAsync<ResurgamException>(() => connection.AskAsync(sql, isInTransaction: true, Token));

        Assert.Equal("0", await connection.AskAsync("select count(*) from t", isInTransaction: true, Token));
        Assert.Equal("0", await connection.ScalarAsync("show statement_timeout", Token));
        await connection.QueryAsync("insert into t values (2); commit", Token);
        Assert.Equal("1", await connection.ScalarAsync("select count(*) from t", Token));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_question_that_fails_is_a_finding_of_a_backup_and_fails_its_verification()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(15, null, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync("create table t as select 7 as n", Token);
        await WriteAsync(
            world,
            "{ name: good, sql: select n from t }",
            "{ name: typo, sql: select m from t }",
            "{ name: writes, sql: insert into t values (8) returning n }",
            "{ name: moved, sql: select n from t }"
        );

        var exit = await world.TryRunAsync("backup", ClusterWorld.Asset, "--output", "json");

        Assert.True(exit.ExitCode == 23, exit.ToString());
        using var backup = JsonDocument.Parse(exit.Output);
        Assert.Collection(
            backup.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetString() ?? ""),
            typo =>
            {
                Assert.StartsWith("question typo has no answer", typo, StringComparison.Ordinal);
                Assert.Contains("column \"m\" does not exist (SQLSTATE 42703)", typo, StringComparison.Ordinal);
            },
            writes =>
            {
                Assert.StartsWith("question writes has no answer", writes, StringComparison.Ordinal);
                Assert.Contains("read-only transaction (SQLSTATE 25006)", writes, StringComparison.Ordinal);
            }
        );
        Assert.Equal("1", await world.Server.ScalarAsync("select count(*) from t", Token));

        await WriteAsync(
            world,
            "{ name: good, sql: select n from t }",
            "{ name: moved, sql: select n + 1 from t, expect: '8' }",
            "{ name: added, sql: select 1 }",
            "{ name: wrong, sql: select m from t }"
        );
        var verification = await VerifyAsync(world, code: 21);
        Assert.Equal(
            [
                "passed good: 7, recorded 7 at the backup",
                "FAILED typo: no answer",
                "FAILED writes: no answer",
                "passed moved: 7, recorded 7 at the backup",
                "passed moved: 8, expected 8",
                "passed added: 1, compared with nothing: not asked when the backup was taken",
                "FAILED wrong: no answer",
            ],
            QuestionsOf(verification)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Answers_that_later_transactions_have_changed_are_no_fault_of_the_copy()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            15,
            new PostgresServerOptions { Settings = [$"synchronous_standby_names = '{ClusterWorld.Slot}'"] },
            TestContext.Current.CancellationToken
        );
        await using var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        await world.Server.QueryAsync(
            "create table t as select 7 as n, timestamptz '2026-01-01 00:00Z' as at union all select 8, '2026-01-02 00:00Z'",
            Token
        );
        await WriteAsync(
            world,
            "{ name: rows, sql: select count(*) from t }",
            "{ name: newest, sql: select max(at) from t }",
            "{ name: least, sql: select count(*) > 0 from t, expect: t }"
        );
        await world.RunAsync("backup", ClusterWorld.Asset);
        await world.Server.QueryAsync("delete from t where n = 8", Token);
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);

        var verification = await VerifyAsync(world, code: 0);
        Assert.Equal(
            [
                "passed rows: 1, recorded 2 at the backup, behind which transactions were replayed",
                "passed newest: 2026-01-01 00:00:00+00, recorded 2026-01-02 00:00:00+00 at the backup, behind which transactions were replayed",
                "passed least: t, expected t",
            ],
            QuestionsOf(verification)
        );
    }

    private static async Task<JsonElement> VerifyAsync(ClusterWorld world, int code)
    {
        var exit = await world.TryRunAsync("verify", ClusterWorld.Asset, "--output", "json");
        Assert.True(exit.ExitCode == code, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> QuestionsOf(JsonElement verification) =>
        from check in verification.GetProperty("checks").EnumerateArray()
        let name = check.GetProperty("name").GetString() ?? ""
        where name.StartsWith("question ", StringComparison.Ordinal)
        select $"{(check.GetProperty("passed").GetBoolean() ? "passed" : "FAILED")} {name["question ".Length..]}: {check.GetProperty("detail").GetString()?.Split("no answer: ") switch { ["", _] => "no answer", [var told] => told, _ => "?" }}";

    private static Task WriteAsync(ClusterWorld world, params string[] questions) =>
        world.WriteStreamedPlanAsync(
            "plan.yaml",
            world.Server.ConnectionString,
            "    questions:\n" + string.Join('\n', questions.Select(question => $"      - {question}"))
        );
}
