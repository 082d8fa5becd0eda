using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Redis.Servers;

/// <summary>How a server is run by us.</summary>
internal sealed record ServerRequest
{
    public required RedisBinaries Binaries { get; init; }

    /// <summary>Folder for its socket and its log; short enough for a socket's path.</summary>
    public required string RunFolder { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Settings { get; init; }

    /// <summary>
    /// Where it listens, as its settings say, for a server that others are to use: they lie in a file in <see cref="RunFolder"/>, which is its data directory, too.
    /// Null: a socket there is all that leads to it, and it ends when we do.
    /// </summary>
    public ConnectionSettings? Address { get; init; }

    /// <summary>Null: we ourselves.</summary>
    public string? User { get; init; }

    /// <summary>How long it may read its data.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(12);
}

/// <summary>Starts and stops a server of ours: as a rule one that only this machine's unix socket leads to.</summary>
internal sealed class PrivateServer(ServerRequest request, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>Of a server without an address, while it runs.</summary>
    private ServerProcess? _own;

    private string SocketPath => Path.Combine(request.RunFolder, "redis.sock");

    private string PidFile => Path.Combine(request.RunFolder, "redis.pid");

    private string LogFile => Path.Combine(request.RunFolder, "redis.log");

    /// <summary>Of a server with an address.</summary>
    public string ConfigFile => Path.Combine(request.RunFolder, "resurgam-redis.conf");

    private ConnectionSettings Connection => request.Address ?? new() { Socket = SocketPath };

    /// <summary>Returns when it has read its data.</summary>
    /// <exception cref="ResurgamException">It does not come up; the end of its log says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        File.Delete(LogFile);
        IReadOnlyList<(string Name, string Value)> settings =
        [
            .. request.Settings,
            .. request.Address is null
                ? [("port", "0"), ("unixsocket", SocketPath), ("unixsocketperm", "700")]
                : ((string Name, string Value)[])[],
            ("pidfile", PidFile),
            ("logfile", LogFile),
            ("daemonize", request.Address is null ? "no" : "yes"),
        ];
        ProcessRequest start = new()
        {
            Program = request.Binaries.Server,
            Arguments = request.Address is null
                ? [.. settings.SelectMany(setting => new[] { $"--{setting.Name}", setting.Value })]
                : [ConfigFile],
            User = request.User,
        };
        if (request.Address is { } address)
        {
            WriteConfig(settings, address);
            var result = await new ProcessRunner(time).RunAsync(start, cancellationToken);
            if (result.ExitCode != 0)
                throw ServerProblems.NotStarted(request.Binaries.Server, LogTail(result.OutputText + result.Error));
        }
        else
            _own = ServerProcess.Start(start, Path.Combine(request.RunFolder, "redis.out"));
        await AwaitLoadedAsync(cancellationToken);
    }

    /// <summary>Ends it, whether it was started now or by a run that was killed; one that does not run is no error.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (FindProcess() is { } process)
                await EndAsync(process, cancellationToken);
        }
        finally
        {
            Dispose();
        }
    }

    private async Task EndAsync(int process, CancellationToken cancellationToken)
    {
        ThisProcess.Terminate(process);
        var began = time.GetTimestamp();
        while (IsOurs(process))
        {
            if (time.GetElapsedTime(began) > StopLimit)
                throw ServerProblems.NotStopped(process);
            await Task.Delay(PollInterval, time, cancellationToken);
        }
        File.Delete(PidFile);
    }

    /// <summary>Ends one without an address, at once; what others are to use goes on.</summary>
    public void Dispose()
    {
        _own?.Dispose();
        _own = null;
    }

    public Task<RedisConnection> ConnectAsync(CancellationToken cancellationToken) =>
        RedisConnection.OpenAsync(Connection, time, cancellationToken);

    /// <summary>Has it write its RDB; it answers when that is done.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        var patient = Connection with { SilenceLimit = request.Timeout };
        await using var session = await RedisConnection.OpenAsync(patient, time, cancellationToken);
        await session.AskAsync(["SAVE"], cancellationToken);
    }

    private async Task AwaitLoadedAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (!await IsLoadedAsync(cancellationToken))
        {
            if (time.GetElapsedTime(began) > request.Timeout)
                throw ServerProblems.NotStarted(request.Binaries.Server, "it still reads its data");
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private async Task<bool> IsLoadedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await ConnectAsync(cancellationToken);
            var told = await session.ReadInfoAsync(cancellationToken);
            if (request.Address is not null && told.GetValueOrDefault("process_id") != $"{FindProcess()}")
                throw ServerProblems.OtherServer(Connection, LogTail(""));
            return told.GetValueOrDefault("loading") == "0";
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            if (_own is { HasEnded: true } ended)
                throw ServerProblems.NotStarted(request.Binaries.Server, LogTail(ended.LogTail()));
            // Its socket comes before its pid file: that it is gone shows in the log, where every failed start ends.
            if (File.Exists(LogFile) && FindProcess() is null && HasFailed())
                throw ServerProblems.NotStarted(request.Binaries.Server, LogTail(""));
            return false;
        }
    }

    private bool HasFailed() =>
        LogTail("") is var log
        && (
            log.Contains("exiting", StringComparison.OrdinalIgnoreCase)
            || log.Contains("Fatal", StringComparison.OrdinalIgnoreCase)
            || log.Contains("Failed", StringComparison.OrdinalIgnoreCase)
        );

    /// <returns>Null when it does not run.</returns>
    public int? FindProcess() =>
        File.Exists(PidFile)
        && int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var process)
        && IsOurs(process)
            ? process
            : null;

    /// <summary>After a crash the number may belong to another program: ours has its socket's path in its command line.</summary>
    private bool IsOurs(int process)
    {
        try
        {
            if (request.Address is not null)
                return PhysicalPath.AreSame($"/proc/{process}/cwd", request.RunFolder);
            var line = File.ReadAllText($"/proc/{process}/cmdline");
            return line.Contains(SocketPath, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it is gone
        }
    }

    /// <summary>A password in it is no argument that anybody sees.</summary>
    private void WriteConfig(IEnumerable<(string Name, string Value)> settings, ConnectionSettings address)
    {
        List<string> lines = [.. settings.Select(setting => $"{setting.Name} {Quote(setting)}")];
        if (address.Password is { } password && !settings.Any(setting => setting.Name == "requirepass"))
            lines.Add($"requirepass {Quoted(password.ToText())}");
        File.Delete(ConfigFile);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (StreamWriter file = new(ConfigFile, options))
            foreach (var line in lines)
                file.WriteLine(line);
        var names = UserNames.Read();
        if (request.User is { } user && names.FindUser(user) is { } id)
            FileMetadata.ChangeOwner(ConfigFile, (id, names.FindGroup(user) ?? id));
    }

    /// <summary>Paths are one word whatever is in them; other settings may have several.</summary>
    private static string Quote((string Name, string Value) setting) =>
        setting.Name is "dir" or "dbfilename" or "pidfile" or "logfile" or "appenddirname" or "appendfilename"
        || setting.Value.Length == 0
            ? Quoted(setting.Value)
            : string.Join(' ', setting.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Quoted));

    private static string Quoted(string word) =>
        $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private string LogTail(string otherwise)
    {
        const int most = 2000;
        var text = otherwise;
        if (File.Exists(LogFile))
        {
            using var log = File.OpenRead(LogFile);
            log.Seek(-Math.Min(most, log.Length), SeekOrigin.End);
            using StreamReader reader = new(log);
            text = reader.ReadToEnd();
        }
        return string.Join(
            "; ",
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4).Select(line => line.Trim())
        );
    }
}
