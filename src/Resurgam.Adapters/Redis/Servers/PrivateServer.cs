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

    /// <summary>Null: we ourselves.</summary>
    public string? User { get; init; }

    /// <summary>How long it may read its data.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(12);
}

/// <summary>Starts and stops a server that only this machine's unix socket leads to.</summary>
internal sealed class PrivateServer(ServerRequest request, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private string SocketPath => Path.Combine(request.RunFolder, "redis.sock");

    private string PidFile => Path.Combine(request.RunFolder, "redis.pid");

    private string LogFile => Path.Combine(request.RunFolder, "redis.log");

    private ConnectionSettings Connection => new() { Socket = SocketPath };

    /// <summary>Returns when it has read its data.</summary>
    /// <exception cref="ResurgamException">It does not come up; the end of its log says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        File.Delete(LogFile);
        IReadOnlyList<(string Name, string Value)> settings =
        [
            .. request.Settings,
            ("port", "0"),
            ("unixsocket", SocketPath),
            ("unixsocketperm", "700"),
            ("pidfile", PidFile),
            ("logfile", LogFile),
            ("daemonize", "yes"),
        ];
        ProcessRequest start = new()
        {
            Program = request.Binaries.Server,
            Arguments = [.. settings.SelectMany(setting => new[] { $"--{setting.Name}", setting.Value })],
            User = request.User,
        };
        var result = await new ProcessRunner(time).RunAsync(start, cancellationToken);
        if (result.ExitCode != 0)
            throw ServerProblems.NotStarted(request.Binaries.Server, LogTail(result.OutputText + result.Error));
        await AwaitLoadedAsync(cancellationToken);
    }

    /// <summary>Ends it, whether it was started now or by a run that was killed; one that does not run is no error.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (FindProcess() is not { } process)
            return;
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
            return (await session.ReadInfoAsync(cancellationToken)).GetValueOrDefault("loading") == "0";
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
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

    private int? FindProcess() =>
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
            var line = File.ReadAllText($"/proc/{process}/cmdline");
            return line.Contains(SocketPath, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it is gone
        }
    }

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
