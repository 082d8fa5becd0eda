using System.Globalization;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Servers;

/// <summary>How a server is run by us.</summary>
public sealed record ServerRequest
{
    public required PostgresBinaries Binaries { get; init; }
    public required string DataDirectory { get; init; }

    /// <summary>Settings on the command line, which overrule every file.</summary>
    public required IReadOnlyList<(string Name, string Value)> Settings { get; init; }

    /// <summary>Where the server writes its log; its folder exists and is writable for the user.</summary>
    public required string LogFile { get; init; }

    /// <summary>Null: we ourselves.</summary>
    public string? User { get; init; }

    /// <summary>How long recovery may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>For its restore_command.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}

/// <summary>Starts and stops a server with <c>pg_ctl</c>.</summary>
public sealed class PrivateServer(ServerRequest request, TimeProvider time)
{
    private const int LogTailBytes = 2000;

    /// <summary>What the server says in English; in another language its own words are shown.</summary>
    private const string TargetNotReached = "recovery ended before configured recovery target was reached";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly ProcessRunner _runner = new(time);

    /// <summary>Returns when recovery is over and the server takes connections.</summary>
    /// <exception cref="ResurgamException">It does not come up; the end of its log says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var result = await _runner.RunAsync(
            Control(
                "start",
                "--wait",
                "--log",
                request.LogFile,
                "--timeout",
                ((int)request.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture),
                "-p",
                request.Binaries.Postgres,
                "-o",
                string.Join(' ', request.Settings.Select(s => "-c " + ShellQuote($"{s.Name}={s.Value}")))
            ) with
            {
                Timeout = request.Timeout + TimeSpan.FromMinutes(1),
            },
            cancellationToken
        );
        if (result.ExitCode != 0)
            throw NotStarted();
        await AwaitProductionAsync(cancellationToken);
    }

    /// <summary>Stops it at once, without a checkpoint where that is enough; one that does not run is no error.</summary>
    /// <param name="isLasting">True: shut down cleanly, the cluster is to be used; false: it is thrown away.</param>
    public async Task StopAsync(bool isLasting, CancellationToken cancellationToken) =>
        await _runner.RunAsync(
            Control("stop", "--wait", "--mode", isLasting ? "fast" : "immediate") with
            {
                Timeout = TimeSpan.FromMinutes(10),
            },
            cancellationToken
        );

    /// <summary>A session by the socket in a folder, as the cluster's superuser.</summary>
    public static Task<PostgresConnection> ConnectAsync(
        string socketFolder,
        string user,
        string database,
        TimeProvider time,
        CancellationToken cancellationToken
    ) =>
        PostgresConnection.OpenAsync(
            ConnectionSettings.Parse(
                $"host={socketFolder} port=5432 user={user} dbname='{database.Replace("'", "\\'", StringComparison.Ordinal)}' sslmode=disable",
                _ => null
            ),
            SessionKind.Sql,
            time,
            cancellationToken
        );

    /// <summary><c>pg_ctl</c> waits for a server that is consistent: its recovery still goes on then.</summary>
    private async Task AwaitProductionAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!ServerState.IsInProduction(request.DataDirectory))
        {
            if (ClusterFolder.FindServer(request.DataDirectory) is null)
                throw NotStarted();
            if (time.GetElapsedTime(started) > request.Timeout)
                throw ServerProblems.StillRecovering(request.DataDirectory, request.Timeout);
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private ProcessRequest Control(params ReadOnlySpan<string> arguments) =>
        new()
        {
            Program = request.Binaries.Control,
            Arguments = ["--pgdata", request.DataDirectory, .. arguments],
            User = request.User,
            Environment = request.Environment,
        };

    private ResurgamException NotStarted()
    {
        if (!File.Exists(request.LogFile))
            return ServerProblems.NotStarted(request.DataDirectory, request.LogFile, "it wrote no log");
        var lines = LogTail();
        if (!lines.Any(line => line.Contains(TargetNotReached, StringComparison.Ordinal)))
            return ServerProblems.NotStarted(request.DataDirectory, request.LogFile, Telling(lines));
        const string lastCommit = "last completed transaction was at log time ";
        var last = lines.LastOrDefault(line => line.Contains(lastCommit, StringComparison.Ordinal));
        return ServerProblems.TargetNotReached(
            request.DataDirectory,
            last is null
                ? ""
                : "; its last commit is of "
                    + last[(last.IndexOf(lastCommit, StringComparison.Ordinal) + lastCommit.Length)..].Trim()
        );
    }

    /// <summary>The last lines that the server wrote.</summary>
    private string[] LogTail()
    {
        using var log = File.OpenRead(request.LogFile);
        log.Seek(-Math.Min(LogTailBytes, log.Length), SeekOrigin.End);
        using StreamReader reader = new(log);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The lines with the reason, as far as they can be told from the others.</summary>
    private static string Telling(string[] lines)
    {
        var telling = lines
            .Where(line =>
                line.StartsWith("error: ", StringComparison.Ordinal) // of our restore_command
                || line.Contains("FATAL", StringComparison.Ordinal)
                || line.Contains("PANIC", StringComparison.Ordinal)
                || line.Contains("HINT", StringComparison.Ordinal)
                || line.Contains("DETAIL", StringComparison.Ordinal)
            )
            .ToList();
        return string.Join("; ", (telling.Count > 0 ? telling : lines.TakeLast(5)).Select(line => line.Trim()));
    }

    /// <summary><c>pg_ctl -o</c> hands its text to a shell: quoted so that it stays one word there.</summary>
    private static string ShellQuote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
