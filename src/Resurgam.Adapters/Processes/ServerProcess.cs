using System.Diagnostics;

namespace Resurgam.Adapters.Processes;

/// <summary>A server that runs as long as we do: a shell beside it ends it when our end of a pipe closes, even by kill -9.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Guard =
        "log=$1; shift; exec 3<&0; \"$@\" </dev/null 3<&- >>\"$log\" 2>&1 & child=$!; exec 2>/dev/null; (cat <&3 >/dev/null; kill -9 $child) & wait $child";

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _guard;
    private readonly string _log;

    private ServerProcess(Process guard, string program, string log) => (_guard, Program, _log) = (guard, program, log);

    public string Program { get; }

    public bool HasEnded => _guard.HasExited;

    /// <param name="request">It works in the folder of its log, unless it says otherwise; input, limits and time are not for servers.</param>
    /// <param name="log">File for all that it says.</param>
    /// <exception cref="Core.Problems.ResurgamException">As of <see cref="ProcessRunner.RunAsync"/>: not started.</exception>
    public static ServerProcess Start(ProcessRequest request, string log)
    {
        var guarded = request with
        {
            Program = "/bin/sh",
            Arguments = ["-c", Guard, "sh", log, request.Program, .. request.Arguments],
            WorkingFolder = request.WorkingFolder ?? Path.GetDirectoryName(log),
        };
        Process guard = new() { StartInfo = ProcessRunner.StartInfoOf(guarded) };
        ProcessRunner.Start(guard, guarded);
        return new ServerProcess(guard, request.Program, log);
    }

    /// <summary>The last lines that it said.</summary>
    public string LogTail()
    {
        const int most = 2000;
        if (!File.Exists(_log))
            return "it said nothing";
        using FileStream log = new(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(-Math.Min(most, log.Length), SeekOrigin.End);
        using StreamReader reader = new(log);
        return string.Join(
            "; ",
            reader
                .ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .TakeLast(4)
                .Select(line => line.Trim())
        );
    }

    public void Dispose()
    {
        _guard.StandardInput.Close();
        _guard.WaitForExit(StopLimit);
        _guard.Dispose();
    }
}
