using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Logical;

/// <summary>Databases of a server that gives SQL and nothing else, by the program itself.</summary>
public sealed class LogicalCaptureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task Databases_come_back_beside_and_take_their_names_when_proven(int major)
    {
        await using var world = await LogicalWorld.CreateAsync(major, TestContext.Current.CancellationToken);
        var first = await world.AskAsync("backup", LogicalWorld.Asset);
        await world.QueryAsync("shop", "update customers set note = 'changed' where id = 777");
        var second = await world.AskAsync("backup", LogicalWorld.Asset);
        Assert.True(Number(first, "bytesNew") > 2 * Number(second, "bytesNew"), $"{first}{second}");
        var verification = await world.AskAsync("verify", LogicalWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        var record = await RecordAsync(world);
        Assert.Equal((major, major), (Number(record, "serverVersion") / 10000, Number(record, "dumpMajor")));
        Assert.Equal(
            [1, 1, 1],
            record.GetProperty("databases").EnumerateArray().Select(each => Number(each, "moment"))
        );
        await world.QueryAsync("shop", "delete from orders where id > 10; drop view rich");
        var customers = "select count(*), sum(hashtext(c::text)) from customers c";

        await world.RunAsync("restore", LogicalWorld.Asset, "--to", "server:", "--dry-run", "--swap");
        Assert.Equal("10", await world.ScalarAsync("shop", "select count(*) from orders"));
        var beside = await world.AskAsync("restore", LogicalWorld.Asset, "--to", "server:");
        var copy = Database(beside, "shop").GetProperty("restoredAs").GetString() ?? "";
        Assert.Equal("10", await world.ScalarAsync("shop", "select count(*) from orders"));
        Assert.Equal(await world.QueryAsync("shop", customers), await world.QueryAsync(copy, customers));

        var used = await world.Server.OpenAsync(Token); // of a superuser, elsewhere: it is not in the way
        var swapped = await world.AskAsync("restore", LogicalWorld.Asset, "--to", "server:", "--swap");
        await used.DisposeAsync();

        var kept = Database(swapped, "shop").GetProperty("keptAs").GetString() ?? "";
        Assert.Equal("60000", await world.ScalarAsync("shop", "select count(*) from orders"));
        Assert.Equal("672", await world.ScalarAsync("shop", "select count(*) from rich where id <= 7000"));
        Assert.Equal("8MB", await world.ScalarAsync("shop", "show work_mem"));
        Assert.Equal(
            "t",
            await world.ScalarAsync("shop", "select has_table_privilege('reporting', 'orders', 'select')")
        );
        Assert.Equal("1001", await world.ScalarAsync("billing", "select nextval('bills_id_seq')"));
        Assert.Equal("10", await world.ScalarAsync(kept, "select count(*) from orders"));
        Assert.Equal(
            "the shop's",
            await world.ScalarAsync(
                "shop",
                "select shobj_description(oid, 'pg_database') from pg_database where datname = 'shop'"
            )
        );
    }

    /// <summary>The way of an upgrade, and of a loss of everything: another server, which has no roles and no databases.</summary>
    [Theory(Timeout = 180_000)]
    [InlineData(17)]
    [InlineData(18)]
    public async Task Databases_come_back_on_an_empty_server_of_a_later_version(int major)
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.WritePlanAsync("plan.yaml", "postgres"); // may read the passwords
        await world.RunAsync("backup", LogicalWorld.Asset);
        await using var other = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );

        var target = $"server:host={other.SocketDirectory} port={other.Port} user=postgres";
        var restored = await world.AskAsync("restore", LogicalWorld.Asset, "--to", target);

        Assert.Equal("shop", Database(restored, "shop").GetProperty("restoredAs").GetString());
        Assert.Equal(
            await world.Server.ScalarAsync("select rolpassword from pg_authid where rolname = 'app'", Token),
            await other.ScalarAsync("select rolpassword from pg_authid where rolname = 'app'", Token)
        );
        Assert.Equal(
            "app",
            await other.ScalarAsync("select pg_get_userbyid(datdba) from pg_database where datname = 'shop'", Token)
        );
    }

    /// <summary>An older one lies where packages put it, and is no choice: one of the server's version, or a newer one, is found by <c>PATH</c>.</summary>
    [Theory(Timeout = 120_000)]
    [InlineData(17, 17)]
    [InlineData(17, 18)]
    [InlineData(18, 18)]
    public async Task A_dump_tool_that_reads_the_server_is_found_beside_an_older_one(int major, int tool)
    {
        await using var world = await LogicalWorld.CreateAsync(major, TestContext.Current.CancellationToken);
        await world.WritePlanAsync("plain.yaml", LogicalWorld.Role, more: "");
        var path = $"{Servers.RequireClients(tool)}:{Environment.GetEnvironmentVariable("PATH")}";

        var backup = await world.TryRunWithPathAsync(path, "plain.yaml", "backup", LogicalWorld.Asset);

        Assert.True(backup.ExitCode == 0, backup.ToString());
        var record = await RecordAsync(world);
        Assert.Equal((major, tool), (Number(record, "serverVersion") / 10000, Number(record, "dumpMajor")));
    }

    /// <summary>A machine with newer tools than the provider's server, as most have after some years.</summary>
    [Theory(Timeout = 180_000)]
    [InlineData(15, 17)]
    [InlineData(15, 18)]
    [InlineData(17, 18)]
    public async Task Newer_tools_capture_and_restore_an_older_server(int major, int tool)
    {
        await using var world = await LogicalWorld.CreateAsync(major, TestContext.Current.CancellationToken);
        await world.WritePlanAsync("newer.yaml", LogicalWorld.Role, $", binaries: {Servers.RequireClients(tool)}");
        var backup = await world.TryRunAsync("newer.yaml", "backup", LogicalWorld.Asset);
        Assert.True(backup.ExitCode == 0, backup.ToString());
        await world.QueryAsync("shop", "delete from orders where id > 10");

        var restore = await world.TryRunAsync("newer.yaml", "restore", LogicalWorld.Asset, "--to", "server:", "--swap");

        Assert.True(restore.ExitCode == 0, restore.ToString());
        Assert.Equal("60000", await world.ScalarAsync("shop", "select count(*) from orders"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Stock_tools_read_the_dump_without_us()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", LogicalWorld.Asset);
        var target = Path.Combine(world.Folder, "files");
        await world.RunAsync("restore", LogicalWorld.Asset, "--to", target);

        var list = await RunToolAsync("pg_restore", "--list", Path.Combine(target, "databases/shop.dump"));

        Assert.Contains("TABLE DATA public customers app", list, StringComparison.Ordinal);
        Assert.Contains(
            "CREATE ROLE app;",
            await File.ReadAllTextAsync(Path.Combine(target, "globals.sql"), Token),
            StringComparison.Ordinal
        );
    }

    internal static JsonElement Database(JsonElement restore, string name) =>
        restore.GetProperty("databases").EnumerateArray().Single(each => each.GetProperty("name").GetString() == name);

    private static long Number(JsonElement document, string name) => document.GetProperty(name).GetInt64();

    private static async Task<JsonElement> RecordAsync(LogicalWorld world)
    {
        using var document = JsonDocument.Parse(
            await world.RunAsync("cat", LogicalWorld.Asset, "resurgam/snapshot.json")
        );
        return document.RootElement.Clone();
    }

    private static async Task<string> RunToolAsync(string name, params string[] arguments)
    {
        System.Diagnostics.ProcessStartInfo start = new(Servers.RequireTool(name), arguments)
        {
            RedirectStandardOutput = true,
        };
        using var process =
            System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException($"{name} does not start");
        return await process.StandardOutput.ReadToEndAsync(Token);
    }
}
