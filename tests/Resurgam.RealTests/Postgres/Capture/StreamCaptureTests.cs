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
        await world.RunAsync("verify", ClusterWorld.Asset);
        await world.AssertCleanAsync();
    }

    [Theory(Timeout = 120_000)]
    [InlineData(15)]
    [InlineData(17)]
    public async Task A_role_for_replication_alone_is_enough(int major)
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            major,
            new PostgresServerOptions { Tcp = true, Settings = major < 17 ? [] : ["summarize_wal = on"] },
            TestContext.Current.CancellationToken
        );
        var server = world.Server;
        await server.QueryAsync("CREATE ROLE copier LOGIN REPLICATION PASSWORD 'four random words here'", Token);
        await FillAsync(server);
        await world.WriteStreamedPlanAsync(
            "tcp.yaml",
            $"host=127.0.0.1 port={server.Port} user=copier passfile={world.Folder}/pgpass"
        );
        var pgpass = Path.Combine(world.Folder, "pgpass");
        await File.WriteAllTextAsync(pgpass, $"127.0.0.1:{server.Port}:*:copier:four random words here\n", Token);
        File.SetUnixFileMode(pgpass, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await world.WriteStreamedPlanAsync(
            "socket.yaml",
            $"host={server.SocketDirectory} port={server.Port} user=copier"
        );

        foreach (var plan in new[] { "tcp.yaml", "socket.yaml" })
        {
            var exit = await world.TryRunAsync(plan, ["backup", ClusterWorld.Asset]);
            Assert.True(exit.ExitCode == 0, exit.ToString());
        }

        Assert.Equal(
            await server.QueryAsync(Tables, Token),
            await world.AskRestoredAsync(Tables, "--set", "listen_addresses=")
        );
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
    }

    [Theory(Timeout = 180_000)]
    [InlineData(15)]
    [InlineData(17)]
    public async Task Tablespaces_come_along(int major)
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            major,
            major < 17 ? null : Summarizing,
            TestContext.Current.CancellationToken
        );
        var server = world.Server;
        var folder = await server.MakeFolderAsync("far place", Token);
        await server.QueryAsync($"CREATE TABLESPACE far LOCATION '{folder}'", Token);
        await FillAsync(server);
        await server.QueryAsync("ALTER TABLE changed SET TABLESPACE far", Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await ChangeAsync(server, 0, hasCut: false);

        var second = await world.AskAsync("backup", ClusterWorld.Asset);

        Assert.Equal(major < 17 ? "full" : "incremental", second.GetProperty("mode").GetString());
        var oid = await server.ScalarAsync("SELECT oid FROM pg_tablespace WHERE spcname = 'far'", Token);
        var elsewhere = Path.Combine(world.Folder, "elsewhere");
        Assert.Equal(
            await server.QueryAsync(Tables, Token),
            await world.AskRestoredAsync(Tables, "--tablespace", $"{oid}={elsewhere}")
        );
        Assert.True(Directory.Exists(Assert.Single(Directory.GetDirectories(elsewhere, "PG_*"))));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(15)]
    [InlineData(17)]
    public async Task A_standby_serves_as_well(int major)
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            major,
            null,
            TestContext.Current.CancellationToken
        );
        await FillAsync(world.Server);
        await using var standby = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { StandbyOf = world.Server },
            Token
        );
        await world.Server.QueryAsync("UPDATE changed SET word = 'late' WHERE id < 1000", Token);
        await world.Server.QueryAsync("CHECKPOINT", Token);
        var position = await world.Server.ScalarAsync("SELECT pg_current_wal_flush_lsn()", Token);
        await standby.WaitForAsync($"SELECT pg_last_wal_replay_lsn() >= '{position}'", "t", Token);
        await world.WriteStreamedPlanAsync("plan.yaml", standby.ConnectionString);

        await world.RunAsync("backup", ClusterWorld.Asset);

        Assert.Equal(
            await world.Server.QueryAsync(Tables, Token),
            await world.AskRestoredAsync(Tables, "--set", $"port={world.Server.Port}")
        );
        var target = await world.RestoreVerifiedAsync(ClusterWorld.Asset);
        Assert.False(File.Exists(Path.Combine(target, "standby.signal")));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_stream_and_a_local_backup_share_their_chunks()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(15, null, TestContext.Current.CancellationToken);
        await FillAsync(world.Server);
        await world.WritePlanAsync("local.yaml", world.Vault, world.Server);
        var streamed = await world.AskAsync("backup", ClusterWorld.Asset);

        var local = await world.TryRunAsync("local.yaml", ["backup", ClusterWorld.Asset, "--output", "json"]);
        Assert.True(local.ExitCode == 0, local.ToString());
        using var document = JsonDocument.Parse(local.Output);
        var again = await world.AskAsync("backup", ClusterWorld.Asset);

        Assert.True(Number(document.RootElement, "bytesNew") < 2 << 20, local.ToString());
        Assert.True(Number(again, "bytesNew") < 2 << 20, again.ToString());
        Assert.True(Number(streamed, "bytesNew") > 10 << 20, streamed.ToString());
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
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
    private static async Task ChangeAsync(PostgresServer server, int round, bool hasCut = true)
    {
        await server.QueryAsync($"UPDATE changed SET word = 'round {round}' WHERE id % 20000 = {round}", Token);
        await server.QueryAsync(
            $"INSERT INTO changed SELECT -i, 'more {round}' FROM generate_series(1, 3000) i",
            Token
        );
        if (!hasCut)
            return;
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
