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
    public async Task A_question_that_fails_is_a_finding_of_a_backup_that_can_be_verified()
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
            "{ name: added, sql: select 1 }"
        );
        var verification = await world.AskAsync("verify", ClusterWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Equal(
            [
                "question good: 7, recorded 7 at the backup",
                "question typo: no answer, compared with nothing: no answer was recorded at the backup",
                "question writes: no answer, compared with nothing: no answer was recorded at the backup",
                "question moved: 7, recorded 7 at the backup",
                "question moved: asked with other SQL when the backup was taken; that was asked again",
                "question added: not asked when the backup was taken",
            ],
            verification
                .GetProperty("checks")
                .EnumerateArray()
                .Select(check => $"{check.GetProperty("name").GetString()}: {check.GetProperty("detail").GetString()}")
                .Where(told => told.StartsWith("question ", StringComparison.Ordinal))
                .Select(told => told.Split(" (")[0])
        );
    }

    private static Task WriteAsync(ClusterWorld world, params string[] questions) =>
        world.WriteStreamedPlanAsync(
            "plan.yaml",
            world.Server.ConnectionString,
            "    questions:\n" + string.Join('\n', questions.Select(question => $"      - {question}"))
        );
}
