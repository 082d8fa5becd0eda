using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed class QueryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task Rows_come_as_text(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenAsync(Token);

        var rows = await connection.QueryAsync("select n, 'ä' || n, null from generate_series(1, 3) n", Token);

        Assert.Equal(
            [
                ["1", "ä1", null],
                ["2", "ä2", null],
                ["3", "ä3", null],
            ],
            rows
        );
        Assert.Equal(major, connection.ServerVersion / 10000);
        Assert.Equal(
            await server.PsqlAsync("show server_version_num", Token),
            connection.ServerVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    [Fact]
    public async Task The_last_statement_with_rows_answers()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);

        Assert.Equal("2", await connection.ScalarAsync("begin; select 1; select 2; commit", Token));
        Assert.Empty(await connection.QueryAsync("create table t (a int)", Token));
        Assert.Empty(await connection.QueryAsync("", Token));
        Assert.Null(await connection.ScalarAsync("select a from t", Token));
    }

    [Fact]
    public async Task An_error_has_its_sqlstate_and_leaves_the_connection_usable()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => connection.QueryAsync("select 1/0", Token));

        Assert.Equal("22012", PostgresErrorException.SqlStateOf(failure));
        Assert.Contains("division by zero (SQLSTATE 22012)", failure.Problem.What, StringComparison.Ordinal);
        Assert.Equal(Remedy.Fix, failure.Problem.Remedy);
        Assert.Equal("1", await connection.ScalarAsync("select 1", Token));
    }

    [Fact]
    public async Task A_large_value_and_many_rows_come_whole()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);

        var large = await connection.ScalarAsync("select repeat('x', 5000000)", Token);
        var rows = await connection.QueryAsync("select n from generate_series(1, 100000) n", Token);

        Assert.Equal(5_000_000, large?.Length);
        Assert.Equal(100_000, rows.Count);
        Assert.Equal("100000", rows[^1][0]);
    }

    [Fact]
    public async Task Copy_in_is_refused_and_copy_out_passes_by()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);
        await connection.QueryAsync("create table t (a int)", Token);

        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            connection.QueryAsync("copy t from stdin", Token)
        );

        Assert.Equal("57014", PostgresErrorException.SqlStateOf(failure));
        Assert.Empty(await connection.QueryAsync("copy (select 1) to stdout", Token));
        Assert.Equal("1", await connection.ScalarAsync("select 1", Token));
    }

    [Fact]
    public async Task A_cancelled_query_leaves_a_connection_that_says_so()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var query = connection.QueryAsync("select pg_sleep(60)", cancel.Token);
        await server.WaitForAsync(
            "select count(*) from pg_stat_activity where query like '%(60)%' and pid <> pg_backend_pid()",
            "1",
            Token
        );
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.QueryAsync("select 1", Token));
    }

    [Fact]
    public async Task A_killed_server_is_a_lost_connection()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);

        await server.KillAsync(Token);
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => connection.QueryAsync("select 1", Token));

        Assert.Equal(("postgres-connection-lost", Remedy.Retry), (failure.Problem.Code, failure.Problem.Remedy));
        var again = await Assert.ThrowsAsync<ResurgamException>(() => server.OpenAsync(Token));
        Assert.Equal(("postgres-unreachable", Remedy.Retry), (again.Problem.Code, again.Problem.Remedy));
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenAsync(Token);

        await server.StopAsync(StopMode.Fast, Token);
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => connection.QueryAsync("select 1", Token));

        Assert.Contains(failure.Problem.Code, new[] { "postgres-not-ready", "postgres-connection-lost" });
        Assert.Equal(Remedy.Retry, failure.Problem.Remedy);
    }
}
