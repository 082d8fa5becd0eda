using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Resurgam.Adapters.Redis.Wire;

namespace Resurgam.RealTests.Support;

/// <summary>How a test wants its server.</summary>
internal sealed record RedisServerOptions
{
    /// <summary>One of <see cref="RedisServers.All"/>.</summary>
    public string Server { get; init; } = RedisServers.Usual;

    /// <summary>Settings, as on the command line, without the dashes.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>Listen on 127.0.0.1, too.</summary>
    public bool Tcp { get; init; }

    /// <summary>Listen on 127.0.0.1 with TLS; clients show no certificate unless a setting says so.</summary>
    public bool Tls { get; init; }

    /// <summary>Start on what a test has restored.</summary>
    public string? RestoredDirectory { get; init; }
}

/// <summary>A real server of a test's own, on a unix socket in a temporary folder. Disposal removes everything.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ProcessStartInfo _start;
    private Process _process;

    private RedisServer(string name, string folder, int port, ProcessStartInfo start, Process process) =>
        (Name, _folder, Port, _start, _process) = (name, folder, port, start, process);

    /// <summary>Folder with the programs of the usual server.</summary>
    public static string Binaries => RedisServers.FolderOf(RedisServers.Usual);

    /// <summary>One of <see cref="RedisServers.All"/>.</summary>
    public string Name { get; }

    /// <summary>Folder with its programs.</summary>
    public string ProgramFolder => RedisServers.FolderOf(Name);

    public required string DataDirectory { get; init; }

    public int Port { get; }

    public string Socket => Path.Combine(_folder, "redis.sock");

    public string RootCertificate => Path.Combine(_folder, "tls", "root.crt");

    public string TlsFolder => Path.Combine(_folder, "tls");

    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    public ConnectionSettings Settings => new() { Socket = Socket };

    /// <returns>A running server that takes connections; it may still be loading.</returns>
    public static async Task<RedisServer> StartAsync(RedisServerOptions? options, CancellationToken cancellationToken)
    {
        options ??= new RedisServerOptions();
        var folder = Directory.CreateTempSubdirectory("resurgam-redis-").FullName;
        var data = options.RestoredDirectory ?? Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var port = Loopback.FreePort();
        Dictionary<string, string> settings = new()
        {
            ["port"] = options.Tcp ? port.ToString(CultureInfo.InvariantCulture) : "0",
            ["bind"] = "127.0.0.1",
            ["unixsocket"] = Path.Combine(folder, "redis.sock"),
            ["dir"] = data,
            ["logfile"] = Path.Combine(folder, "log"),
            ["save"] = "",
            ["repl-diskless-sync-delay"] = "0",
        };
        if (options.Tls)
        {
            var tls = Path.Combine(folder, "tls");
            TestCertificates.Write(tls);
            settings["tls-port"] = port.ToString(CultureInfo.InvariantCulture);
            settings["tls-cert-file"] = Path.Combine(tls, "server.crt");
            settings["tls-key-file"] = Path.Combine(tls, "server.key");
            settings["tls-ca-cert-file"] = Path.Combine(tls, "root.crt");
            settings["tls-auth-clients"] = "no";
        }
        foreach (var (name, value) in options.Settings)
            settings[name] = value;
        ProcessStartInfo start = new(RedisServers.Require(options.Server));
        foreach (var (name, value) in settings)
        {
            start.ArgumentList.Add($"--{name}");
            start.ArgumentList.Add(value);
        }
        RedisServer server = new(options.Server, folder, port, start, Launch(start)) { DataDirectory = data };
        try
        {
            await server.AwaitListeningAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>After its end, in whatever way: the same server on what it has left.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        _process.Dispose();
        _process = Launch(_start);
        await AwaitListeningAsync(cancellationToken);
        await Eventually.HoldsAsync(
            () => $"it has not loaded: {Log}",
            async () =>
            {
                await using var session = await RedisConnection.OpenAsync(
                    Settings,
                    TimeProvider.System,
                    cancellationToken
                );
                return (await session.ReadInfoAsync(cancellationToken))["loading"] == "0";
            },
            cancellationToken
        );
    }

    /// <summary>Runs a command as the default user.</summary>
    public async Task<RespValue> AskAsync(CancellationToken cancellationToken, params string[] words)
    {
        await using var session = await RedisConnection.OpenAsync(Settings, TimeProvider.System, cancellationToken);
        return await session.AskAsync(words, cancellationToken);
    }

    /// <summary>Runs commands on one connection, each with words that are parted by single blanks.</summary>
    public async Task RunAsync(CancellationToken cancellationToken, params string[] commands)
    {
        await using var session = await RedisConnection.OpenAsync(Settings, TimeProvider.System, cancellationToken);
        foreach (var command in commands)
            await session.AskAsync(command.Split(' '), cancellationToken);
    }

    /// <summary>Runs a Lua script.</summary>
    public Task ScriptAsync(string script, CancellationToken cancellationToken) =>
        AskAsync(cancellationToken, "EVAL", script, "0");

    /// <summary>One of every type, small and large, plain and packed, in three databases, with functions.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        await RunAsync(
            cancellationToken,
            "SET number 12345",
            "SET negative -7",
            "SET large 12345678901234567890",
            $"SET repeated {new string('x', 500)}",
            "RPUSH list 1 -2 300 -70000 5000000000 text",
            $"RPUSH longlist {string.Join(' ', Enumerable.Range(0, 2000).Select(i => $"entry-{i}"))}",
            $"RPUSH fat {new string('y', 20_000)} small",
            "SADD integers 1 2 70000 5000000000",
            "SADD packed a b 3",
            $"SADD table {string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"member-{i}"))}",
            "HSET hash f v g 12",
            $"HSET bighash {string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"f{i} v{i}"))}",
            "ZADD scores 1 a 2.5 b -3e10 c inf d -inf e 0.1 f",
            $"ZADD bigscores {string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"{i}.25 m{i}"))}",
            "XADD stream 1-1 k v",
            "XADD stream 2-1 k w other x",
            "XGROUP CREATE stream group 0",
            "XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >",
            "SET lasting 1 EX 100000",
            "SET short 1 PX 1",
            "SELECT 3",
            "SET three 3",
            "SELECT 15",
            "HSET fifteen a b"
        );
        await AskAsync(
            cancellationToken,
            "FUNCTION",
            "LOAD",
            "#!lua name=lib\nredis.register_function('answer', function() return 42 end)"
        );
        await Eventually.HoldsAsync(
            () => "'short' is still there",
            async () => await AskAsync(cancellationToken, "EXISTS", "short") is RespValue.Number { Value: 0 },
            cancellationToken
        );
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Launch(ProcessStartInfo start) =>
        Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} was not started");

    private async Task AwaitListeningAsync(CancellationToken cancellationToken)
    {
        await Eventually.HoldsAsync("it listens", () => _process.HasExited || Listens(), cancellationToken);
        if (_process.HasExited)
            throw new InvalidOperationException(Log);
    }

    private bool Listens()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            return true;
        }
        catch (SocketException)
        {
            return false; // not yet
        }
    }
}
