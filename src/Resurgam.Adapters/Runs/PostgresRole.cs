using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.Adapters.Runs;

/// <summary>A role of a server, and what can be told of its credential.</summary>
internal sealed class PostgresRole(PostgresConnection server, string name, ActionTools tools)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private string Literal => SqlText.Literal(name);

    /// <returns>Null: there is no such role.</returns>
    public async Task<bool?> FindLoginAsync(CancellationToken cancellationToken) =>
        await server.ScalarAsync($"select rolcanlogin from pg_roles where rolname = {Literal}", cancellationToken)
            is { } login
            ? login == "t"
            : null;

    public Task LetInAsync(CancellationToken cancellationToken) =>
        server.QueryAsync($"alter role {SqlText.Identifier(name)} login", cancellationToken);

    /// <summary>Nobody logs in as it any more, and nobody is there who did.</summary>
    /// <returns>How many sessions were ended.</returns>
    public async Task<int> BarAsync(CancellationToken cancellationToken)
    {
        await server.QueryAsync($"alter role {SqlText.Identifier(name)} nologin", cancellationToken);
        var ended = 0;
        while (await CountSessionsAsync(cancellationToken) != "0")
        {
            var rows = await server.QueryAsync(
                $"select pg_terminate_backend(pid) from pg_stat_activity where usename = {Literal}",
                cancellationToken
            );
            ended = Math.Max(ended, rows.Count);
            await Task.Delay(BetweenLooks, tools.Time, cancellationToken);
        }
        return ended;
    }

    public Task<string?> CountSessionsAsync(CancellationToken cancellationToken) =>
        server.ScalarAsync($"select count(*) from pg_stat_activity where usename = {Literal}", cancellationToken);

    /// <summary>Providers keep the hashes to themselves.</summary>
    public async Task<bool> ShowsHashAsync(CancellationToken cancellationToken) =>
        await server.ScalarAsync("select has_table_privilege('pg_authid', 'select')", cancellationToken) == "t";

    /// <summary>By the hash that the server keeps; ask <see cref="ShowsHashAsync"/> first.</summary>
    public async Task<bool> KnowsAsync(string password, CancellationToken cancellationToken) =>
        await server.ScalarAsync($"select rolpassword from pg_authid where rolname = {Literal}", cancellationToken)
            is { } verifier
        && ScramVerifier.Fits(verifier, password);

    /// <summary>As a client does.</summary>
    /// <exception cref="Core.Problems.ResurgamException">It does not get in.</exception>
    public async Task LogInAsync(string connection, string password, CancellationToken cancellationToken)
    {
        var settings = ConnectionSettings.Parse(connection, tools.Variable) with
        {
            User = name,
            Password = PasswordSource.Of(password),
        };
        await using var client = await PostgresConnection.OpenAsync(
            settings,
            SessionKind.Sql,
            tools.Time,
            cancellationToken
        );
        await client.QueryAsync("select 1", cancellationToken);
    }
}
