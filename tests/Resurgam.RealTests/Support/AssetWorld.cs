using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.RealTests.Support;

/// <summary>An asset of any kind with some megabytes in it, a vault for it, and the program, for what must hold of all kinds alike.</summary>
internal abstract class AssetWorld(string asset, CancellationToken cancellationToken) : IAsyncDisposable
{
    private int _targets;

    public static TheoryData<string> Kinds => new() { "files", "git", "redis", "logical", "kubernetes", "secret" };

    /// <summary>And a server's commands, which have to be replayed behind a snapshot.</summary>
    public static TheoryData<string> RestoredKinds => [.. Kinds, "redis-commands"];

    /// <summary>Those that are verified in the state folder.</summary>
    public static TheoryData<string> VerifiedKinds => new() { "files", "git", "redis", "logical", "kubernetes" };

    /// <summary>Those that need little of the state folder.</summary>
    public static TheoryData<string> OtherKinds => new() { "secret", "postgres" };

    public string Asset => asset;

    public abstract string Folder { get; }

    public string State => Path.Combine(Folder, "state");

    public string Vault => Path.Combine(Folder, "vault");

    protected CancellationToken Token => cancellationToken;

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="cancellationToken">Of the test.</param>
    public static async Task<AssetWorld> CreateAsync(string kind, CancellationToken cancellationToken) =>
        kind switch
        {
            "files" => await FilesAsset.CreateAsync(cancellationToken),
            "git" => await GitAsset.CreateAsync(cancellationToken),
            "redis" => await RedisAsset.CreateAsync(cancellationToken),
            "redis-commands" => await RedisAsset.CreateStreamedAsync(cancellationToken),
            "logical" => await LogicalAsset.CreateAsync(cancellationToken),
            "kubernetes" => await KubernetesAsset.CreateAsync(cancellationToken),
            "secret" => await SecretAsset.CreateAsync(cancellationToken),
            "postgres" => await PostgresAsset.CreateAsync(cancellationToken),
            _ => throw new ArgumentException(kind, nameof(kind)),
        };

    public abstract ResurgamProcess Start(params string[] arguments);

    /// <summary>Some of what is protected is another one now.</summary>
    public abstract Task ChangeAsync();

    /// <summary>A place that nothing was restored to yet.</summary>
    public virtual string NewTarget() =>
        Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"restored{++_targets}"));

    /// <summary>Takes what <see cref="RestoreTo"/> brings back.</summary>
    public virtual Task BackUpAsync() => RunAsync("backup", Asset);

    /// <summary>The restore of the newest snapshot.</summary>
    public virtual string[] RestoreTo(string target) => ["restore", Asset, "--to", target];

    /// <summary>What was restored is what is protected now.</summary>
    public abstract Task AssertSameAsync(string target);

    public virtual Task RemoveAsync(string target)
    {
        Directory.Delete(target, recursive: true);
        return Task.CompletedTask;
    }

    public async Task<ResurgamExit> TryRunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.WaitForExitAsync(Token);
    }

    /// <summary>Runs the program, which has to succeed.</summary>
    public async Task RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
    }

    /// <returns>True when it was killed before its end.</returns>
    public async Task<bool> KillAfterAsync(TimeSpan age, params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.KillAfterAsync(age, Token);
    }

    public async Task<int> CountSnapshotsAsync()
    {
        var exit = await TryRunAsync("snapshots", "--output", "json");
        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.GetProperty("snapshots").GetArrayLength();
    }

    /// <summary>We and stock restic find all of it whole.</summary>
    public async Task AssertCleanAsync()
    {
        await RunAsync("vault", "check", "--read-data");
        var generation = Assert.Single(Directory.GetDirectories(Path.Combine(Vault, "generations")));
        using var restic = StockRestic.Create(Token);
        Assert.Contains(
            "no errors were found",
            await restic.RunAsync("-r", generation, "check", "--read-data"),
            StringComparison.Ordinal
        );
    }

    public abstract ValueTask DisposeAsync();
}

internal sealed class FilesAsset : AssetWorld
{
    private readonly FilesWorld _world;

    private FilesAsset(FilesWorld world, CancellationToken cancellationToken)
        : base("odd", cancellationToken) => _world = world;

    public override string Folder => _world.Restic.Folder;

    public static async Task<FilesAsset> CreateAsync(CancellationToken cancellationToken)
    {
        FilesAsset asset = new(await FilesWorld.CreateAsync(cancellationToken), cancellationToken);
        for (var i = 0; i < 200; i++)
            await asset.WriteAsync($"{i % 10}/{i}", 20_000);
        await asset.WriteAsync("large", 4_000_000);
        return asset;
    }

    public override ResurgamProcess Start(params string[] arguments) => _world.Start(arguments);

    public override Task ChangeAsync() => WriteAsync("large", 4_000_000);

    public override string[] RestoreTo(string target) => ["restore", Asset, "--path", _world.Source, "--to", target];

    public override async Task AssertSameAsync(string target) =>
        Assert.Equal(await _world.ListAsync(_world.Source), await _world.ListAsync(target));

    public override ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync(string name, int length)
    {
        var path = Path.Combine(_world.Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(length), Token);
    }
}

internal sealed class GitAsset : AssetWorld
{
    private const string Repository = "one";

    private readonly GitWorld _world;
    private int _commits;

    private GitAsset(GitWorld world, CancellationToken cancellationToken)
        : base(GitWorld.Asset, cancellationToken) => _world = world;

    public override string Folder => _world.Folder;

    public static async Task<GitAsset> CreateAsync(CancellationToken cancellationToken)
    {
        GitAsset asset = new(await GitWorld.CreateAsync(cancellationToken), cancellationToken);
        for (var i = 0; i < 3; i++)
            await asset.ChangeAsync();
        return asset;
    }

    public override ResurgamProcess Start(params string[] arguments) => _world.Start(arguments);

    public override Task ChangeAsync() =>
        _world.CommitAsync(
            Repository,
            string.Create(CultureInfo.InvariantCulture, $"large{_commits++}"),
            RandomNumberGenerator.GetHexString(3_000_000)
        );

    public override Task AssertSameAsync(string target) =>
        _world.AssertSameAsync(_world.Combine(Repository), Path.Combine(target, $"{_world.NameOf(Repository)}.git"));

    public override ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed class RedisAsset : AssetWorld
{
    private readonly RedisWorld _world;
    private readonly bool _isStreamed;
    private int _changes;

    private RedisAsset(RedisWorld world, bool isStreamed, CancellationToken cancellationToken)
        : base(RedisWorld.Asset, cancellationToken) => (_world, _isStreamed) = (world, isStreamed);

    public override string Folder => _world.Folder;

    public static Task<RedisAsset> CreateAsync(CancellationToken cancellationToken) =>
        CreateAsync(isStreamed: false, cancellationToken);

    /// <summary>Half of what comes back lies in a snapshot, the other in the commands behind it.</summary>
    public static Task<RedisAsset> CreateStreamedAsync(CancellationToken cancellationToken) =>
        CreateAsync(isStreamed: true, cancellationToken);

    private static async Task<RedisAsset> CreateAsync(bool isStreamed, CancellationToken cancellationToken)
    {
        RedisServerOptions options = new() { Settings = [("enable-debug-command", "yes")] };
        RedisAsset asset = new(await RedisWorld.CreateAsync(options, cancellationToken), isStreamed, cancellationToken);
        for (var i = 0; i < 4; i++)
            await asset.ChangeAsync();
        return asset;
    }

    public override async Task BackUpAsync()
    {
        if (!_isStreamed)
        {
            await base.BackUpAsync();
            return;
        }
        await using var stream = await _world.StartStreamAsync();
        for (var i = 0; i < 4; i++)
            await ChangeAsync();
        await _world.AcknowledgedAsync();
        await _world.StreamStatusAsync();
        stream.Kill();
        await stream.WaitForExitAsync(Token);
    }

    public override ResurgamProcess Start(params string[] arguments) => _world.Start(arguments);

    public override Task ChangeAsync() =>
        _world.Server.ScriptAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"for i = 1, 30000 do redis.call('set', 'k{++_changes}-' .. i, redis.sha1hex({_changes} .. '-' .. i)) end"
            ),
            Token
        );

    public override Task AssertSameAsync(string target) => _world.AssertSameAsync(target, new RedisServerOptions());

    public override ValueTask DisposeAsync() => _world.DisposeAsync();
}

/// <summary>Databases come back onto the server that they are on, beside those that are there.</summary>
internal sealed class LogicalAsset : AssetWorld
{
    private const string Rows =
        "select count(*), md5(string_agg(c::text, ',' order by id)), (select md5(string_agg(o::text, ',' order by id)) from orders o) from customers c";

    private readonly LogicalWorld _world;
    private int _changes;

    private LogicalAsset(LogicalWorld world, CancellationToken cancellationToken)
        : base(LogicalWorld.Asset, cancellationToken) => _world = world;

    public override string Folder => _world.Folder;

    public PostgresServer Server => _world.Server;

    public static async Task<LogicalAsset> CreateAsync(CancellationToken cancellationToken) =>
        new(await LogicalWorld.CreateAsync(15, cancellationToken), cancellationToken);

    public override ResurgamProcess Start(params string[] arguments) => _world.Start(arguments);

    public override async Task ChangeAsync() =>
        await _world.QueryAsync(
            "shop",
            string.Create(
                CultureInfo.InvariantCulture,
                $"insert into customers select 100000 * {++_changes} + i, 'new ' || i, md5(i::text) || md5((i * {_changes})::text) from generate_series(1, 20000) i"
            )
        );

    public override string NewTarget() => "server:";

    public override async Task AssertSameAsync(string target)
    {
        var copies = await CopiesAsync();
        Assert.Equal(2, copies.Count);
        var shop = Assert.Single(copies, name => name.StartsWith("shop", StringComparison.Ordinal));
        Assert.Equal(await _world.QueryAsync("shop", Rows), await _world.QueryAsync(shop, Rows));
    }

    public override async Task RemoveAsync(string target)
    {
        foreach (var copy in await CopiesAsync())
            await _world.QueryAsync("postgres", $"drop database {copy}");
    }

    public override ValueTask DisposeAsync() => _world.DisposeAsync();

    private async Task<IReadOnlyList<string>> CopiesAsync() =>
        [
            .. (
                await _world.QueryAsync("postgres", "select datname from pg_database where datname like '%restored%'")
            ).Select(row => row[0] ?? ""),
        ];
}

/// <summary>A namespace of a cluster; what comes back is a folder with a file an object.</summary>
internal sealed class KubernetesAsset : AssetWorld
{
    private const int Objects = 150;

    private static int _worlds;

    private readonly ApiServerWorld _world;
    private readonly string _namespace;

    private KubernetesAsset(ApiServerWorld world, string @namespace, CancellationToken cancellationToken)
        : base(ApiServerWorld.Asset, cancellationToken) => (_world, _namespace) = (world, @namespace);

    public override string Folder => _world.Folder;

    public static async Task<KubernetesAsset> CreateAsync(CancellationToken cancellationToken)
    {
        var server = await ApiServer.ShareAsync(cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"survival-{Interlocked.Increment(ref _worlds)}");
        await server.CreateAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{ name: {name} }}\n", cancellationToken);
        var more = $", context: test, cluster-uid: {await server.UidAsync(cancellationToken)}, namespaces: [{name}]";
        KubernetesAsset asset = new(
            await ApiServerWorld.CreateAsync(server, more, cancellationToken),
            name,
            cancellationToken
        );
        for (var number = 0; number < Objects; number++)
            await server.CreateAsync(MapOf(number), asset.Maps, cancellationToken);
        return asset;
    }

    public override ResurgamProcess Start(params string[] arguments) => _world.Start(arguments);

    public override async Task ChangeAsync()
    {
        for (var number = 0; number < Objects; number += 3)
            await _world.Server.PatchAsync(
                string.Create(CultureInfo.InvariantCulture, $"{Maps}/map-{number}"),
                new JsonObject { ["data"] = Noise() }.ToJsonString(),
                Token
            );
    }

    public override async Task AssertSameAsync(string target)
    {
        var there = (await _world.Server.GetAsync(Maps, Token))
            .Items("items")
            .ToDictionary(item => item.FindText("metadata", "name") ?? "", item => item.Find("data")?.ToJsonString());
        var folder = Path.Combine(target, ObjectKey.Folder, "core/v1/ConfigMap", _namespace);
        Dictionary<string, string?> here = [];
        foreach (var file in Directory.EnumerateFiles(folder))
            here[Path.GetFileNameWithoutExtension(file)] = JsonNode
                .Parse(await File.ReadAllTextAsync(file, Token))
                .Find("data")
                ?.ToJsonString();
        Assert.Equal(Objects, here.Count);
        Assert.Equal(there, here);
    }

    public override ValueTask DisposeAsync() => _world.DisposeAsync();

    private string Maps => $"/api/v1/namespaces/{_namespace}/configmaps";

    private static JsonObject Noise() => new() { ["noise"] = RandomNumberGenerator.GetHexString(20_000) };

    private static JsonObject MapOf(int number) =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = string.Create(CultureInfo.InvariantCulture, $"map-{number}") },
            ["data"] = Noise(),
        };
}

/// <summary>A key in a file. It stays what it is: another one would be a finding.</summary>
internal sealed class SecretAsset : AssetWorld
{
    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly StockRestic _restic;

    private SecretAsset(StockRestic restic, CancellationToken cancellationToken)
        : base("phi", cancellationToken) => _restic = restic;

    public override string Folder => _restic.Folder;

    private string Key => Path.Combine(Folder, "key");

    public static async Task<SecretAsset> CreateAsync(CancellationToken cancellationToken)
    {
        SecretAsset asset = new(StockRestic.Create(cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(asset.Key, RandomNumberGenerator.GetHexString(4_000), cancellationToken);
        File.SetUnixFileMode(asset.Key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(
            Path.Combine(asset.Folder, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{asset.State}}
            vault: { store: "file://{{asset.Vault}}", secret: { env: {{Variable}} } }
            assets:
              phi: { kind: secret, from: { file: {{asset.Key}} } }

            """,
            cancellationToken
        );
        await asset.RunAsync("vault", "create");
        return asset;
    }

    public override ResurgamProcess Start(params string[] arguments) =>
        ResurgamProcess.Start(
            ["--plan", "plan.yaml", .. arguments],
            new ResurgamSurroundings
            {
                Folder = Folder,
                Environment = new Dictionary<string, string> { [Variable] = StockRestic.Password },
            }
        );

    public override Task ChangeAsync() => Task.CompletedTask;

    public override async Task AssertSameAsync(string target)
    {
        var file = Path.Combine(target, Asset);
        Assert.Equal(await File.ReadAllTextAsync(Key, Token), await File.ReadAllTextAsync(file, Token));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    public override ValueTask DisposeAsync()
    {
        _restic.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed class PostgresAsset : AssetWorld
{
    private readonly ClusterWorld _world;

    private PostgresAsset(ClusterWorld world, CancellationToken cancellationToken)
        : base(ClusterWorld.Asset, cancellationToken) => _world = world;

    public override string Folder => _world.Folder;

    public static async Task<PostgresAsset> CreateAsync(CancellationToken cancellationToken) =>
        new(await ClusterWorld.CreateAsync(null, cancellationToken), cancellationToken);

    public override ResurgamProcess Start(params string[] arguments) => _world.Start(arguments);

    public override Task ChangeAsync() => Load.InsertAsync(_world.Server, megabytes: 2, Token);

    public override string NewTarget() => _world.NewTarget();

    public override async Task AssertSameAsync(string target)
    {
        const string rows = "SELECT count(*), md5(string_agg(filler, ',' ORDER BY id)) FROM load";
        await _world.VerifyAsync(target);
        Assert.Equal(await _world.Server.QueryAsync(rows, Token), await _world.AskRestoredAsync(rows));
    }

    public override ValueTask DisposeAsync() => _world.DisposeAsync();
}
