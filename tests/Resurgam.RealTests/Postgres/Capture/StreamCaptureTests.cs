using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Capture;

/// <summary>Backups by the replication protocol: everything goes over the wire, and a whole cluster comes back.</summary>
public sealed class StreamCaptureTests
{
    private const string Tables =
        "SELECT 'kept', count(*), sum(hashtext(k::text)::bigint) FROM kept k "
        + "UNION ALL SELECT 'changed', count(*), sum(hashtext(c::text)::bigint) FROM changed c ORDER BY 1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_full_backup_comes_back_whole(int major)
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            major,
            null,
            TestContext.Current.CancellationToken
        );
        await FillAsync(world.Server);
        await world.Server.QueryAsync("CREATE UNLOGGED TABLE unlogged AS SELECT generate_series(1, 1000) AS id", Token);

        var backup = await world.AskAsync("backup", ClusterWorld.Asset);

        Assert.Equal("full", backup.GetProperty("mode").GetString());
        Assert.Equal(await world.Server.QueryAsync(Tables, Token), await world.AskRestoredAsync(Tables));
        Assert.Equal("0", (await world.AskRestoredAsync("SELECT count(*) FROM unlogged"))[0][0]);
        var target = await world.RestoreVerifiedAsync(ClusterWorld.Asset);
        Assert.Equal(File.GetUnixFileMode(world.Server.DataDirectory), File.GetUnixFileMode(target));
        await world.AssertCleanAsync();
    }

    [Theory(Timeout = 240_000, SkipTestWithoutData = true)]
    [MemberData(nameof(Servers.IncrementalMajors), MemberType = typeof(Servers))]
    public async Task An_incremental_backup_is_a_full_snapshot(int major)
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            major,
            Summarizing,
            TestContext.Current.CancellationToken
        );
        await FillAsync(world.Server);
        await world.Server.QueryAsync(
            "CREATE TABLE dropped AS SELECT generate_series(1, 20000) AS id; CREATE TABLE cut AS SELECT generate_series(1, 100000) AS id",
            Token
        );
        var first = await world.AskAsync("backup", ClusterWorld.Asset);
        Assert.Equal("full", first.GetProperty("mode").GetString());

        for (var round = 0; round < 3; round++)
        {
            await ChangeAsync(world.Server, round);
            var next = await world.AskAsync("backup", ClusterWorld.Asset);

            Assert.Equal("incremental", next.GetProperty("mode").GetString());
            Assert.True(Number(next, "bytesNew") < Number(first, "bytesNew") / 2, next.ToString());
            var sql =
                $"{Tables.Replace(" ORDER BY 1", "", StringComparison.Ordinal)} UNION ALL SELECT 'cut', count(*), sum(id) FROM cut UNION ALL SELECT 'new', count(*), sum(id) FROM new{round} ORDER BY 1";
            Assert.Equal(await world.Server.QueryAsync(sql, Token), await world.AskRestoredAsync(sql));
            await world.RestoreVerifiedAsync(ClusterWorld.Asset);
        }
        await world.AssertCleanAsync();
    }

    private static PostgresServerOptions Summarizing => new() { Settings = ["summarize_wal = on"] };

    private static async Task FillAsync(PostgresServer server)
    {
        await server.QueryAsync(
            "CREATE TABLE kept AS SELECT i AS id, md5(i::text) AS word FROM generate_series(1, 60000) i",
            Token
        );
        await server.QueryAsync("CREATE TABLE changed (LIKE kept)", Token);
        await server.QueryAsync("INSERT INTO changed SELECT * FROM kept", Token);
        await server.QueryAsync("CREATE INDEX ON changed (word)", Token);
        await server.QueryAsync("VACUUM FREEZE kept, changed", Token);
    }

    /// <summary>Touches, extends, cuts, drops, rewrites and makes relations.</summary>
    private static async Task ChangeAsync(PostgresServer server, int round)
    {
        await server.QueryAsync($"UPDATE changed SET word = 'round {round}' WHERE id % 20000 = {round}", Token);
        await server.QueryAsync(
            $"INSERT INTO changed SELECT -i, 'more {round}' FROM generate_series(1, 3000) i",
            Token
        );
        await server.QueryAsync($"DELETE FROM cut WHERE id > {50_000 - 20_000 * round}", Token);
        await server.QueryAsync("VACUUM cut", Token);
        await server.QueryAsync("DROP TABLE IF EXISTS dropped", Token);
        await server.QueryAsync($"CREATE TABLE new{round} AS SELECT generate_series(1, 5000) AS id", Token);
        if (round > 0)
            await server.QueryAsync($"TRUNCATE new{round - 1}; INSERT INTO new{round - 1} VALUES (1)", Token);
        if (round == 2)
            await server.QueryAsync("INSERT INTO cut SELECT generate_series(1, 200000)", Token);
    }

    private static long Number(JsonElement document, string name) => document.GetProperty(name).GetInt64();
}
