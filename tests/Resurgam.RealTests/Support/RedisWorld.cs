using System.Globalization;
using System.Text.Json;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Wal;

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
    /// <param name="vault">More keys of the vault in flow style, with a comma before each.</param>
    public Task WritePlanAsync(string name, string connection, string vault = "") =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { store: "file://{{Vault}}", secret: { env: {{Variable}} }{{vault}} }
            assets:
              {{Asset}}: { kind: redis, binaries: {{Server.ProgramFolder}}, {{connection}} }

            """,
            _cancellationToken
        );

    /// <summary>From here on the plan names programs of which the server takes its time to read each key.</summary>
    public async Task SlowDownAsync()
    {
        var programs = Directory.CreateDirectory(Combine("slow")).FullName;
        var server = RedisServers.Require(Server.Name);
        var path = Path.Combine(programs, Path.GetFileName(server));
        await File.WriteAllTextAsync(
            path,
            $"#!/bin/sh\nexec {server} \"$@\" --key-load-delay 100000\n",
            _cancellationToken
        );
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var plan = await File.ReadAllTextAsync(Combine("plan.yaml"), _cancellationToken);
        await File.WriteAllTextAsync(
            Combine("plan.yaml"),
            plan.Replace($"binaries: {Server.ProgramFolder}", $"binaries: {programs}", StringComparison.Ordinal),
            _cancellationToken
        );
    }

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

    /// <summary>Starts <c>wal stream</c> and waits until it receives.</summary>
    public async Task<ResurgamProcess> StartStreamAsync()
    {
        var stream = Start("wal", "stream", Asset);
        await OnlineAsync(Server);
        return stream;
    }

    /// <summary>The server has a replica that receives.</summary>
    public Task OnlineAsync(RedisServer server) =>
        Eventually.HoldsAsync(
            () => $"no stream runs: {FindStream()}",
            async () =>
                (await server.AskAsync(_cancellationToken, "INFO", "replication")).AsText.Contains(
                    "state=online",
                    StringComparison.Ordinal
                ),
            _cancellationToken
        );

    /// <summary>Everything written so far lies synced in the spool: the server itself says so.</summary>
    public async Task AcknowledgedAsync()
    {
        await Server.RunAsync(_cancellationToken, "SET waited 1");
        await Eventually.HoldsAsync(
            () => $"the stream acknowledges: {FindStream()}",
            async () =>
            {
                await using var session = await RedisConnection.OpenAsync(
                    Server.Settings,
                    TimeProvider.System,
                    _cancellationToken
                );
                await session.AskAsync(["INCR", "probes"], _cancellationToken);
                return await session.AskAsync(["WAIT", "1", "1000"], _cancellationToken)
                    is RespValue.Number { Value: 1 };
            },
            _cancellationToken
        );
    }

    /// <returns>What <c>wal status</c> says as soon as the store has everything.</returns>
    public async Task<JsonElement> StreamStatusAsync()
    {
        JsonElement status = default;
        await Eventually.HoldsAsync(
            () => "the store has all: " + status.ToString(),
            async () =>
            {
                var exit = await TryRunAsync("wal", "status", Asset, "--output", "json");
                using var document = JsonDocument.Parse(exit.Output);
                status = document.RootElement.Clone();
                var loss = exit.ExitCode == 0 ? status.GetProperty("lossOfSite") : default;
                return loss.ValueKind == JsonValueKind.Object
                    && loss.GetProperty("bytes") is { ValueKind: JsonValueKind.Number } bytes
                    && bytes.GetInt64() == 0
                    && loss.GetProperty("seconds").ValueKind == JsonValueKind.Number; // a stream that just began knows none
            },
            _cancellationToken
        );
        return status;
    }

    /// <returns>What the stream says of itself; null when none ever ran.</returns>
    public WalStreamStatus? FindStream() => WalStreamStatus.Find(Combine($"state/wal/{Asset}"));

    /// <summary>Waits until the stream says so of itself.</summary>
    public Task StreamSaysAsync(Func<WalStreamStatus, bool> isSo) =>
        Eventually.HoldsAsync(
            () => $"it only says: {FindStream()}",
            () => Task.FromResult(FindStream() is { } said && isSo(said)),
            _cancellationToken
        );

    /// <summary>Starts a server on what was restored.</summary>
    public async Task<RedisServer> ServeAsync(string restored, RedisServerOptions options)
    {
        var copy = await RedisServer.StartAsync(
            options with
            {
                Server = Server.Name,
                RestoredDirectory = restored,
            },
            _cancellationToken
        );
        await Eventually.HoldsAsync(
            () => $"the copy has not loaded: {copy.Log}",
            async () => await IsLoadedAsync(copy),
            _cancellationToken
        );
        return copy;
    }

    /// <summary>Backs up with another plan, which has to be refused.</summary>
    /// <returns>The problem's code.</returns>
    public async Task<string> RefusalAsync(string connection) => (await ProblemAsync(connection)).Code;

    /// <inheritdoc cref="RefusalAsync"/>
    /// <returns>The problem as it is told.</returns>
    public async Task<(string Code, string What, string Hint)> ProblemAsync(string connection)
    {
        await WritePlanAsync("other.yaml", connection);
        var exit = await TryRunAsync("other.yaml", ["backup", Asset, "--output", "json"]);
        Assert.True(exit.ExitCode != 0, exit.ToString());
        Assert.DoesNotContain(Password, exit.ToString(), StringComparison.Ordinal);
        using var document = JsonDocument.Parse(exit.Output);
        var error = document.RootElement.GetProperty("error");
        return (Text("code"), Text("what"), Text("hint"));

        string Text(string name) => error.GetProperty(name).GetString() ?? "";
    }

    /// <returns>Number of snapshots in the vault.</returns>
    public async Task<int> CountSnapshotsAsync() =>
        (await AskAsync("snapshots")).GetProperty("snapshots").GetArrayLength();

    /// <summary>Starts a server on what was restored and compares what it holds with the source.</summary>
    public async Task AssertSameAsync(string restored, RedisServerOptions options)
    {
        await using var copy = await ServeAsync(
            restored,
            options with
            {
                Settings = [.. options.Settings, ("enable-debug-command", "yes")],
            }
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
