using System.Globalization;
using System.Text.Json;
using Resurgam.Adapters.Redis.Wire;

namespace Resurgam.RealTests.Support;

/// <summary>A real server to protect as asset <c>sessions</c>, a vault for it, and the program to do it with; gone afterwards.</summary>
internal sealed class RedisWorld : IAsyncDisposable
{
    public const string Asset = "sessions";
    public const string Password = "redis: correct horse";

    private const string Variable = "RESURGAM_TEST_SECRET";
    private const string PasswordVariable = "RESURGAM_TEST_REDIS";

    private readonly StockRestic _restic;
    private readonly CancellationToken _cancellationToken;

    private RedisWorld(RedisServer server, StockRestic restic, CancellationToken cancellationToken)
    {
        (Server, _restic, _cancellationToken) = (server, restic, cancellationToken);
        // A server that we start as root runs as another user.
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherExecute);
    }

    public RedisServer Server { get; }

    public string Folder => _restic.Folder;

    public string Vault => Path.Combine(Folder, "vault");

    /// <summary>A running server, a plan that reaches it by its unix socket, and an empty vault.</summary>
    public static async Task<RedisWorld> CreateAsync(
        RedisServerOptions? options,
        CancellationToken cancellationToken,
        string more = ""
    )
    {
        var server = await RedisServer.StartAsync(options, cancellationToken);
        RedisWorld world = new(server, StockRestic.Create(cancellationToken), cancellationToken);
        await world.WritePlanAsync("plan.yaml", $"socket: {server.Socket}{more}");
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <param name="connection">Keys of the asset in flow style.</param>
    public Task WritePlanAsync(string name, string connection) =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { store: "file://{{Vault}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}: { kind: redis, binaries: {{RedisServer.Binaries}}, {{connection}} }

            """,
            _cancellationToken
        );

    public string Combine(string name) => Path.Combine(Folder, name);

    /// <summary>The password of <see cref="Password"/>, as a key of the plan.</summary>
    public static string PasswordKey => $"password: {{ env: {PasswordVariable} }}";

    /// <summary>Runs the program, which has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    public Task<ResurgamExit> TryRunAsync(params string[] arguments) => TryRunAsync("plan.yaml", arguments);

    public Task<ResurgamExit> TryRunAsync(string plan, string[] arguments) =>
        ResurgamProcess.RunAsync(["--plan", plan, .. arguments], Around, _cancellationToken);

    public ResurgamProcess Start(params string[] arguments) =>
        ResurgamProcess.Start(["--plan", "plan.yaml", .. arguments], Around);

    /// <returns>The document that a command prints.</returns>
    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await RunAsync([.. arguments, "--output", "json"]));
        return document.RootElement.Clone();
    }

    /// <summary>Backs up with another plan, which has to be refused.</summary>
    /// <returns>The problem's code.</returns>
    public async Task<string> RefusalAsync(string connection)
    {
        await WritePlanAsync("other.yaml", connection);
        var exit = await TryRunAsync("other.yaml", ["backup", Asset, "--output", "json"]);
        Assert.True(exit.ExitCode != 0, exit.ToString());
        Assert.DoesNotContain(Password, exit.ToString(), StringComparison.Ordinal);
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.GetProperty("error").GetProperty("code").GetString() ?? "";
    }

    /// <returns>Number of snapshots in the vault.</returns>
    public async Task<int> CountSnapshotsAsync() =>
        (await AskAsync("snapshots")).GetProperty("snapshots").GetArrayLength();

    /// <summary>Starts a server on what was restored and compares what it holds with the source.</summary>
    public async Task AssertSameAsync(string restored, RedisServerOptions options)
    {
        await using var copy = await RedisServer.StartAsync(
            options with
            {
                RestoredDirectory = restored,
                Settings = [.. options.Settings, ("enable-debug-command", "yes")],
            },
            _cancellationToken
        );
        await Eventually.HoldsAsync(
            () => $"the copy has not loaded: {copy.Log}",
            async () => await IsLoadedAsync(copy),
            _cancellationToken
        );
        Assert.Equal(await DigestAsync(Server), await DigestAsync(copy));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _restic.Dispose();
    }

    /// <summary>Of all keys of all databases, whatever form they are kept in; and the functions.</summary>
    public async Task<string> DigestAsync(RedisServer server)
    {
        await using var session = await RedisConnection.OpenAsync(
            server.Settings,
            TimeProvider.System,
            _cancellationToken
        );
        List<string> digests = [];
        for (var database = 0; database < 16; database++)
        {
            await session.AskAsync(["SELECT", database.ToString(CultureInfo.InvariantCulture)], _cancellationToken);
            digests.Add((await session.AskAsync(["DBSIZE"], _cancellationToken)).AsText);
        }
        digests.Add((await session.AskAsync(["DEBUG", "DIGEST"], _cancellationToken)).AsText);
        digests.Add(
            (await session.AskAsync(["FUNCTION", "LIST"], _cancellationToken) as RespValue.List)!.Items.Count.ToString(
                CultureInfo.InvariantCulture
            )
        );
        return string.Join('\n', digests);
    }

    private async Task<bool> IsLoadedAsync(RedisServer server)
    {
        await using var session = await RedisConnection.OpenAsync(
            server.Settings,
            TimeProvider.System,
            _cancellationToken
        );
        return (await session.ReadInfoAsync(_cancellationToken))["loading"] == "0";
    }

    private ResurgamSurroundings Around =>
        new()
        {
            Folder = Folder,
            Environment = new Dictionary<string, string>
            {
                [Variable] = StockRestic.Password,
                [PasswordVariable] = Password,
            },
        };
}
