namespace Resurgam.RealTests.Support;

/// <summary>Something that a server has to write down.</summary>
public static class Load
{
    private const string Table = "CREATE TABLE IF NOT EXISTS load (id bigserial, filler text)";

    /// <summary>Inserts about so much WAL, a megabyte a transaction.</summary>
    public static async Task InsertAsync(PostgresServer server, int megabytes, CancellationToken cancellationToken)
    {
        await using var sql = await server.OpenAsync(cancellationToken);
        await sql.QueryAsync(Table, cancellationToken);
        for (var i = 0; i < megabytes; i++)
            await sql.QueryAsync(
                "INSERT INTO load (filler) SELECT md5(random()::text) || repeat('x', 100) FROM generate_series(1, 4500)",
                cancellationToken
            );
    }

    /// <summary>Small transactions until it is told to stop.</summary>
    /// <returns>How many were acknowledged.</returns>
    public static async Task<int> RunAsync(PostgresServer server, CancellationToken stop)
    {
        await using var sql = await server.OpenAsync(CancellationToken.None);
        await sql.QueryAsync(Table, CancellationToken.None);
        var committed = 0;
        while (!stop.IsCancellationRequested)
        {
            await sql.QueryAsync(
                "INSERT INTO load (filler) SELECT repeat(md5(random()::text), 20) FROM generate_series(1, 20)",
                CancellationToken.None
            );
            committed++;
        }
        return committed;
    }
}
