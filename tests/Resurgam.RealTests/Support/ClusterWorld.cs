using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.RealTests.Support;

/// <summary>A real cluster to protect as asset <c>db</c>, a vault for it, and the program to do it with; gone afterwards.</summary>
internal sealed class ClusterWorld : IAsyncDisposable
{
    public const string Asset = "db";
    public const string Slot = "resurgam_db";
    public const int Major = 15;

    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly StockRestic _restic;
    private readonly CancellationToken _cancellationToken;
    private readonly List<string> _started = [];
    private readonly Dictionary<string, string> _variables = new()
    {
        [Variable] = StockRestic.Password,
        ["RESURGAM_TEST_WRONG_SECRET"] = "not that one",
    };
    private int _restores;

    private ClusterWorld(PostgresServer server, StockRestic restic, CancellationToken cancellationToken)
    {
        (Server, _restic, _cancellationToken) = (server, restic, cancellationToken);
        // The server's own user goes through it to what was restored.
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherExecute);
    }

    public PostgresServer Server { get; }

    public string Folder => _restic.Folder;

    public string Vault => Path.Combine(Folder, "vault");

    /// <summary>The one generation of the vault, for stock restic.</summary>
    public string Generation => Assert.Single(Directory.GetDirectories(Path.Combine(Vault, "generations")));

    /// <summary>A running server, a plan for it and an empty vault.</summary>
    public static async Task<ClusterWorld> CreateAsync(
        PostgresServerOptions? options,
        CancellationToken cancellationToken
    )
    {
        var world = await StartAsync(Major, options, cancellationToken);
        await world.WritePlanAsync("plan.yaml", world.Vault, world.Server);
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <summary>As <see cref="CreateAsync"/>, but the plan knows no data directory: all comes by the replication protocol.</summary>
    public static async Task<ClusterWorld> CreateStreamedAsync(
        int major,
        PostgresServerOptions? options,
        CancellationToken cancellationToken
    )
    {
        var world = await StartAsync(major, options, cancellationToken);
        await world.WriteStreamedPlanAsync("plan.yaml", world.Server.ConnectionString);
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <summary>As <see cref="CreateAsync"/>, with a vault elsewhere.</summary>
    /// <param name="keys">Of the plan's <c>vault</c>, but for the secret.</param>
    /// <param name="variables">What they speak of.</param>
    /// <param name="cancellationToken">Of the test.</param>
    public static async Task<ClusterWorld> CreateInAsync(
        string keys,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellationToken
    )
    {
        var world = await StartAsync(Major, null, cancellationToken);
        foreach (var (name, value) in variables)
            world._variables[name] = value;
        await world.WritePlanInAsync("plan.yaml", keys, world.Server, Variable);
        await world.RunAsync("vault", "create");
        return world;
    }

    private static async Task<ClusterWorld> StartAsync(
        int major,
        PostgresServerOptions? options,
        CancellationToken cancellationToken
    )
    {
        var restic = StockRestic.Create(cancellationToken);
        var server = await PostgresServer.StartAsync(major, options, cancellationToken);
        return new ClusterWorld(server, restic, cancellationToken);
    }

    /// <param name="more">More lines of the asset, each with four blanks in front.</param>
    public Task WriteStreamedPlanAsync(string name, string connection, string more = "") =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { store: "file://{{Vault}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}:
                kind: postgres
                connection: {{connection}}
                binaries: {{Servers.Require(Server.Major)}}
            {{more}}

            """,
            _cancellationToken
        );

    public Task WritePlanAsync(string name, string vault, PostgresServer server, string secretVariable = Variable) =>
        WritePlanInAsync(name, $"store: \"file://{vault}\"", server, secretVariable);

    private Task WritePlanInAsync(string name, string keys, PostgresServer server, string secretVariable) =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { {{keys}}, secret: { env: {{secretVariable}} } }
            assets:
              {{Asset}}:
                kind: postgres
                connection: {{server.ConnectionString}}
                data-directory: {{server.DataDirectory}}
                binaries: {{Servers.Require(server.Major)}}

            """,
            _cancellationToken
        );

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

    /// <summary>By another copy of the program.</summary>
    public Task<ResurgamExit> TryRunWithAsync(string program, params string[] arguments) =>
        ResurgamProcess.RunAsync(
            ["--plan", "plan.yaml", .. arguments],
            Around with
            {
                Program = program,
            },
            _cancellationToken
        );

    public ResurgamProcess Start(params string[] arguments) => StartWith("plan.yaml", arguments);

    public ResurgamProcess StartWith(string plan, params string[] arguments) =>
        ResurgamProcess.Start(["--plan", plan, .. arguments], Around);

    /// <returns>The document that a command prints.</returns>
    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await RunAsync([.. arguments, "--output", "json"]));
        return document.RootElement.Clone();
    }

    /// <returns>Ids of all snapshots, oldest first.</returns>
    public async Task<IReadOnlyList<string>> SnapshotsAsync() =>
        [
            .. (await AskAsync("snapshots"))
                .GetProperty("snapshots")
                .EnumerateArray()
                .Select(snapshot => snapshot.GetProperty("id").GetString()!),
        ];

    public async Task AssertCleanAsync()
    {
        await RunAsync("vault", "check", "--read-data");
        Assert.Contains(
            "no errors were found",
            await _restic.RunAsync("-r", Generation, "check", "--read-data"),
            StringComparison.Ordinal
        );
    }

    /// <summary>Restores files only and lets PostgreSQL's own tool compare them with its manifest.</summary>
    /// <returns>The data directory.</returns>
    public async Task<string> RestoreVerifiedAsync(string what)
    {
        var target = NewTarget();
        await RunAsync("restore", what, "--to", target);
        await VerifyAsync(target);
        return target;
    }

    /// <summary>Lets PostgreSQL's own tool compare a restored folder with the manifest.</summary>
    public async Task VerifyAsync(string dataDirectory)
    {
        var manifest = Path.Combine(dataDirectory, "backup_manifest");
        string[] options = ["-n", dataDirectory];
        if (Server.Major >= 17)
        {
            // Debian's tool is of version 15: it knows the same manifest without the system identifier.
            var read = BackupManifest.Read(await File.ReadAllBytesAsync(manifest, _cancellationToken));
            Assert.NotNull(read.SystemIdentifier);
            var older = Path.Combine(Folder, "older_manifest");
            await File.WriteAllBytesAsync(older, (read with { SystemIdentifier = null }).Write(), _cancellationToken);
            options = ["-m", older, .. options];
        }
        using var verify = Process.Start(
            new ProcessStartInfo(Servers.RequireTool("pg_verifybackup"), options)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = verify.StandardOutput.ReadToEndAsync(_cancellationToken);
        var error = await verify.StandardError.ReadToEndAsync(_cancellationToken);
        await verify.WaitForExitAsync(_cancellationToken);
        Assert.True(verify.ExitCode == 0, $"{await output}{error}");
    }

    /// <summary>Restores to the latest point that the vault knows, starts the cluster beside the other and asks it.</summary>
    public async Task<IReadOnlyList<string?[]>> AskRestoredAsync(string sql, params string[] more)
    {
        var (exit, socket) = await StartRestoredAsync(more);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        var settings = ConnectionSettings.Parse(
            $"host={socket} port={Server.Port} user=postgres dbname=postgres",
            PostgresServer.NoEnvironment
        );
        await using var connection = await PostgresConnection.OpenAsync(
            settings,
            SessionKind.Sql,
            TimeProvider.System,
            _cancellationToken
        );
        return await connection.QueryAsync(sql, _cancellationToken);
    }

    /// <summary>As <see cref="AskRestoredAsync"/>, and it may fail.</summary>
    public async Task<(ResurgamExit Exit, string Socket)> StartRestoredAsync(params string[] more)
    {
        var target = NewTarget();
        _started.Add(target);
        var socket = Directory.CreateDirectory(Path.Combine(Folder, $"socket{_restores}")).FullName;
        File.SetUnixFileMode(socket, (UnixFileMode)0x1FF);
        string[] restore = ["restore", Asset, "--to", target, "--start", "--set", $"unix_socket_directories={socket}"];
        return (await TryRunAsync([.. restore, .. more]), socket);
    }

    /// <summary>A server that a test has started in a restored folder goes with the world.</summary>
    public void StopAtEnd(string dataDirectory) => _started.Add(dataDirectory);

    public string NewTarget() =>
        Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"restored{++_restores}"));

    /// <summary>Path, mode and SHA-256 of every file, as text: two folders are the same when these are.</summary>
    /// <param name="except">Names that are left out: what a restore writes itself has its own times.</param>
    public static string Fingerprint(string folder, params string[] except)
    {
        StringBuilder text = new();
        var files = new DirectoryInfo(folder)
            .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(item => item.FullName, StringComparer.Ordinal);
        foreach (var item in files)
        {
            var name = Path.GetRelativePath(folder, item.FullName);
            if (except.Contains(name))
                continue;
            text.Append(CultureInfo.InvariantCulture, $"{name} {item.UnixFileMode} {item.LinkTarget}");
            if (item is FileInfo { LinkTarget: null })
                text.Append(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(item.FullName))));
            text.AppendLine();
        }
        return text.ToString();
    }

    /// <summary>Kills a run of the program at a moment of its life, or lets it end when it is faster.</summary>
    /// <returns>True when it was killed.</returns>
    public async Task<bool> KillAfterAsync(TimeSpan age, params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.KillAfterAsync(age, _cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _started)
            await StopAsync(target);
        await Server.DisposeAsync();
        _restic.Dispose();
    }

    private static async Task StopAsync(string dataDirectory)
    {
        var pidFile = Path.Combine(dataDirectory, "postmaster.pid");
        if (!File.Exists(pidFile))
            return;
        var id = int.Parse(
            (await File.ReadAllLinesAsync(pidFile, CancellationToken.None))[0],
            CultureInfo.InvariantCulture
        );
        using var kill = Process.Start("kill", ["-QUIT", id.ToString(CultureInfo.InvariantCulture)]); // immediate shutdown
        await kill.WaitForExitAsync(CancellationToken.None);
        await Eventually.HoldsAsync(
            $"server {id} is gone",
            () => !File.Exists(pidFile) || !Directory.Exists($"/proc/{id}"),
            CancellationToken.None
        );
    }

    private ResurgamSurroundings Around => new() { Folder = Folder, Environment = _variables };
}
