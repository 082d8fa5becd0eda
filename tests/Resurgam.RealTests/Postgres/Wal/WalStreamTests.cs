using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Wal;

public sealed class WalStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task All_that_was_written_reaches_the_store_byte_for_byte(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var bench = new StreamBench(server);
        bench.Start();
        await LoadAsync(server, megabytes: 60);

        var end = await bench.WaitShippedAsync(Token);

        Assert.True(await bench.CompareAsync(end, Token) >= 4);
        var status = bench.Stream!.Status;
        Assert.Null(status.Damage);
        Assert.Null(status.StreamProblem);
        Assert.NotNull(status.SpoolCommitAt);
        Assert.Equal(status.SpoolCommitAt, status.StoreCommitAt);
        Assert.InRange((DateTimeOffset.UtcNow - status.SpoolCommitAt.Value).TotalMinutes, -1, 5);
        await bench.WaitAsync(s => s.StoreSecuredAt > status.UpdatedAt, Token);
        await bench.StopAsync();
        // What is whole in the store has left the spool: one file is being written, two are kept for the next.
        Assert.InRange(
            Directory
                .GetFiles(bench.Folder, "*", SearchOption.AllDirectories)
                .Count(f => new FileInfo(f).Length > 1 << 19),
            1,
            3
        );
    }

    private static async Task LoadAsync(PostgresServer server, int megabytes)
    {
        await using var sql = await server.OpenAsync(Token);
        await sql.QueryAsync("CREATE TABLE IF NOT EXISTS load (id bigserial, filler text)", Token);
        for (var i = 0; i < megabytes; i++)
            await sql.QueryAsync(
                "INSERT INTO load (filler) SELECT md5(random()::text) || repeat('x', 100) FROM generate_series(1, 4500)",
                Token
            );
    }
}
