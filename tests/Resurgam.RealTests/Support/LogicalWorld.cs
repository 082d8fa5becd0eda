using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.RealTests.Support;

/// <summary>
/// A real server as a provider would run it, with a role that has no right but on its own databases, protected as asset
/// <c>db</c>; gone afterwards.
/// </summary>
internal sealed class LogicalWorld : IAsyncDisposable
{
    public const string Asset = "db";

    /// <summary>Owns the databases <c>shop</c> and <c>billing</c>; no superuser, no replication.</summary>
    public const string Role = "app";

    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly StockRestic _restic;
    private readonly CancellationToken _cancellationToken;

    private LogicalWorld(PostgresServer server, StockRestic restic, CancellationToken cancellationToken)
    {
        (Server, _restic, _cancellationToken) = (server, restic, cancellationToken);
        // A server that we start as root runs as another user.
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherExecute);
    }

    public PostgresServer Server { get; }

    public string Folder => _restic.Folder;

    /// <summary>Of programs, when they do not lie where packages put them; null when they do.</summary>
    private string? Binaries { get; init; }

    public static async Task<LogicalWorld> CreateAsync(int major, CancellationToken cancellationToken)
    {
        Servers.RequireTool("pg_dump");
        var server = await PostgresServer.StartAsync(major, null, cancellationToken);
        var restic = StockRestic.Create(cancellationToken);
        LogicalWorld world = new(server, restic, cancellationToken) { Binaries = LinkPrograms(major, restic.Folder) };
        foreach (
            var sql in new[]
            {
                $"create role {Role} login createdb createrole password 'geheim'",
                "create role reporting",
                $"create database shop owner {Role}",
                $"create database billing owner {Role}",
                "alter database shop set work_mem = '8MB'",
                "comment on database shop is 'the shop''s'",
            }
        )
            await server.QueryAsync(sql, cancellationToken);
        await world.QueryAsync(
            "shop",
            """"
            create table customers (id int primary key, name text not null, note text);
            create table orders (id int primary key, customer int not null references customers, total numeric check (total >= 0));
            create table "odd ""name""" ("a b" text, x float8);
            create view rich as select * from orders where total > 90;
            insert into customers select i, 'customer ' || i, md5(i::text) || md5((i * 7)::text) from generate_series(1, 60000) i;
            insert into orders select i, 1 + i % 60000, i % 997 / 10.0 from generate_series(1, 60000) i;
            insert into "odd ""name""" values ('q''s', 0.1), (null, 'NaN');
            grant select on orders to reporting;
            select lo_from_bytea(0, 'hello')
            """"
        );
        await world.QueryAsync(
            "billing",
            "create table bills (id serial primary key, amount int); insert into bills (amount) select generate_series(1, 1000)"
        );
        await world.WritePlanAsync("plan.yaml", Role);
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <param name="more">More keys of the asset, in flow style; null: the folder of programs alone, if it needs one.</param>
    public Task WritePlanAsync(string name, string role, string? more = null) =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { store: "file://{{Path.Combine(Folder, "vault")}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}:
                { kind: postgres, capture: logical, connection: "{{ConnectionOf(Server, role)}}"{{more ?? (
            Binaries is null ? "" : $", binaries: {Binaries}"
        )}},
                  questions: [{ name: customers, sql: select count(*) from customers }] }

            """,
            _cancellationToken
        );

    /// <summary>Servers that the distribution lacks lie apart from their clients: a plan names one folder for both.</summary>
    private static string? LinkPrograms(int major, string folder)
    {
        var (server, clients) = (Servers.Require(major), Servers.RequireClients(major));
        if (server == clients)
            return null;
        var bin = Directory.CreateDirectory(Path.Combine(folder, "programs")).FullName;
        foreach (var program in Directory.GetFiles(server).Concat(Directory.GetFiles(clients)))
            File.CreateSymbolicLink(Path.Combine(bin, Path.GetFileName(program)), program);
        return bin;
    }

    public static string ConnectionOf(PostgresServer server, string role) =>
        $"host={server.SocketDirectory} port={server.Port} user={role} dbname=shop";

    /// <summary>A session of the role.</summary>
    public Task<PostgresConnection> OpenAsync(string database) =>
        PostgresConnection.OpenAsync(
            ConnectionSettings.Parse(ConnectionOf(Server, Role), PostgresServer.NoEnvironment) with
            {
                Database = database,
            },
            SessionKind.Sql,
            TimeProvider.System,
            _cancellationToken
        );

    /// <summary>As the role.</summary>
    public async Task<IReadOnlyList<string?[]>> QueryAsync(string database, string sql)
    {
        await using var session = await OpenAsync(database);
        return await session.QueryAsync(sql, _cancellationToken);
    }

    public async Task<string?> ScalarAsync(string database, string sql) =>
        await QueryAsync(database, sql) is [[var value, ..], ..] ? value : null;

    public async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync("plan.yaml", arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    public Task<ResurgamExit> TryRunAsync(string plan, params string[] arguments) =>
        TryRunWithPathAsync(Environment.GetEnvironmentVariable("PATH") ?? "", plan, arguments);

    /// <param name="path">Where programs are looked for that lie nowhere else.</param>
    public Task<ResurgamExit> TryRunWithPathAsync(string path, string plan, params string[] arguments) =>
        ResurgamProcess.RunAsync(["--plan", plan, .. arguments], AroundWith(path), _cancellationToken);

    public ResurgamProcess Start(params string[] arguments) =>
        ResurgamProcess.Start(
            ["--plan", "plan.yaml", .. arguments],
            AroundWith(Environment.GetEnvironmentVariable("PATH") ?? "")
        );

    /// <returns>The document that a command prints.</returns>
    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await RunAsync([.. arguments, "--output", "json"]));
        return document.RootElement.Clone();
    }

    /// <returns>The code of the problem that it must end with.</returns>
    public async Task<string> RefusalAsync(string plan, params string[] arguments)
    {
        var exit = await TryRunAsync(plan, [.. arguments, "--output", "json"]);
        Assert.True(exit.ExitCode != 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.GetProperty("error").GetProperty("code").GetString() ?? "";
    }

    public async Task<int> CountSnapshotsAsync() =>
        (await AskAsync("snapshots")).GetProperty("snapshots").GetArrayLength();

    private ResurgamSurroundings AroundWith(string path) =>
        new()
        {
            Folder = Folder,
            Environment = new Dictionary<string, string> { [Variable] = StockRestic.Password, ["PATH"] = path },
        };

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _restic.Dispose();
    }
}
