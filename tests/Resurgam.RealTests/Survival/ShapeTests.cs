using System.Diagnostics;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>Clusters of unusual shape go to the vault and come back.</summary>
public sealed class ShapeTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_cluster_without_any_data_of_its_own()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);

        await world.RunAsync("backup", ClusterWorld.Asset);

        Assert.Equal("0", (await world.AskRestoredAsync("SELECT count(*) FROM pg_stat_user_tables"))[0][0]);
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
        await world.AssertCleanAsync();
    }

    [Fact(Timeout = 180_000)]
    public async Task Ten_thousand_relations()
    {
        await using var world = await ClusterWorld.CreateAsync(
            new PostgresServerOptions { Settings = ["max_locks_per_transaction = 1024"] },
            TestContext.Current.CancellationToken
        );
        await world.Server.QueryAsync(
            "DO $$ BEGIN FOR i IN 1..5000 LOOP EXECUTE format('CREATE TABLE many_%s (id int PRIMARY KEY)', i); EXECUTE format('INSERT INTO many_%s VALUES (%s)', i, i); END LOOP; END $$",
            Token
        );

        await TimeAsync("backup", () => world.RunAsync("backup", ClusterWorld.Asset));
        await TimeAsync("second backup", () => world.RunAsync("backup", ClusterWorld.Asset));

        const string sql =
            "SELECT count(*), sum((xpath('/row/id/text()', query_to_xml('SELECT id FROM ' || relname, false, true, '')))[1]::text::int) FROM pg_class WHERE relname LIKE 'many\\_%' AND relkind = 'r'";
        Assert.Equal(
            await world.Server.QueryAsync(sql, Token),
            await world.AskRestoredAsync(sql, "--set", "max_locks_per_transaction=1024")
        );
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
        await world.AssertCleanAsync();
    }

    /// <summary>More than 1 GiB: the relation's second file is a part of it like the first.</summary>
    [Fact(Timeout = 240_000)]
    public async Task A_relation_of_several_segments()
    {
        await using var world = await ClusterWorld.CreateAsync(
            new PostgresServerOptions
            {
                Settings = ["wal_level = minimal", "max_wal_senders = 0", "max_wal_size = '4GB'"],
            },
            TestContext.Current.CancellationToken
        );
        await TimeAsync(
            "making it",
            () =>
                world.Server.QueryAsync(
                    "BEGIN; CREATE TABLE wide (id int, filler text); ALTER TABLE wide ALTER filler SET STORAGE PLAIN; INSERT INTO wide SELECT i, repeat(md5(i::text), 240) FROM generate_series(1, 140000) i; COMMIT",
                    Token
                )
        );
        var file = await world.Server.ScalarAsync("SELECT pg_relation_filepath('wide')", Token);
        Assert.True(File.Exists(Path.Combine(world.Server.DataDirectory, $"{file}.1")));
        await world.Server.QueryAsync("ALTER SYSTEM SET wal_level = replica", Token);
        await world.Server.QueryAsync("ALTER SYSTEM SET max_wal_senders = 10", Token);
        await world.Server.RestartAsync(Token);

        await TimeAsync("backup", () => world.RunAsync("backup", ClusterWorld.Asset));

        var target = "";
        await TimeAsync("restore", async () => target = await world.RestoreVerifiedAsync(ClusterWorld.Asset));
        Assert.True(File.Exists(Path.Combine(target, $"{file}.1")));
        await world.RunAsync("vault", "check", "--read-data");
    }

    [Fact(Timeout = 120_000)]
    public async Task Odd_names_of_databases_tables_and_folders()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        var server = world.Server;
        string[] names =
        [
            "it's",
            "two words",
            "Größe €",
            "sémi;colon",
            "\"quoted\"",
            "new\nline",
            "日本",
            "%s $1 \\",
            "-rf",
        ];
        foreach (var name in names)
        {
            await server.QueryAsync($"CREATE DATABASE {Quote(name)}", Token);
            await server.QueryAsync($"CREATE TABLE {Quote(name)} AS SELECT 1 AS {Quote(name)}", Token);
        }
        var places = new[] { "plain", "ta ble space; $x", "Tabellenräume" };
        foreach (var place in places)
        {
            var folder = await server.MakeFolderAsync(place, Token);
            await server.QueryAsync($"CREATE TABLESPACE {Quote(place)} LOCATION '{folder}'", Token);
            await server.QueryAsync(
                $"CREATE TABLE {Quote("in " + place)} TABLESPACE {Quote(place)} AS SELECT generate_series(1, 1000) AS id",
                Token
            );
        }
        await server.QueryAsync(
            "CREATE TABLESPACE \"never used\" LOCATION '" + await server.MakeFolderAsync("unused", Token) + "'",
            Token
        );

        await world.RunAsync("backup", ClusterWorld.Asset);

        var spaces = await server.QueryAsync(
            "SELECT oid, spcname FROM pg_tablespace WHERE oid > 16383 ORDER BY oid",
            Token
        );
        string[] moved =
        [
            .. spaces.SelectMany(space => (string[])["--tablespace", $"{space[0]}={world.Folder}/moved ü {space[0]}"]),
        ];
        const string sql = """
            SELECT (SELECT string_agg(datname, '|' ORDER BY datname) FROM pg_database),
              (SELECT string_agg(relname, '|' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
              (SELECT count(*) FROM "in plain"), (SELECT sum(id) FROM "in ta ble space; $x"), (SELECT max(id) FROM "in Tabellenräume"),
              (SELECT count(*) FROM pg_tablespace)
            """;
        Assert.Equal(await server.QueryAsync(sql, Token), await world.AskRestoredAsync(sql, moved));
        await world.AssertCleanAsync();
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private async Task TimeAsync(string what, Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        output.WriteLine($"{what}: {clock.Elapsed.TotalSeconds:0.0} s");
    }
}
