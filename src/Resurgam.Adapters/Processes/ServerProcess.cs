using System.Diagnostics;

namespace Resurgam.Adapters.Processes;

/// <summary>A server that runs as long as we do: <see cref="ProcessRequest.EndsWithUs"/>.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _log;

    private ServerProcess(Process process, string program, string log) =>
        (_process, Program, _log) = (process, program, log);

    public string Program { get; }

    public bool HasEnded => _process.HasExited;

    /// <param name="request">It works in the folder of its log, unless it says otherwise; input, limits and time are not for servers.</param>
    /// <param name="log">File for all that it says.</param>
    /// <exception cref="Core.Problems.ResurgamException">As of <see cref="ProcessRunner.RunAsync"/>: not started.</exception>
    public static ServerProcess Start(ProcessRequest request, string log)
    {
        var here = request with
        {
            EndsWithUs = true,
            WorkingFolder = request.WorkingFolder ?? Path.GetDirectoryName(log),
        };
        Process process = new() { StartInfo = ProcessRunner.StartInfoOf(here, log) };
        ProcessRunner.Start(process, here);
        return new ServerProcess(process, request.Program, log);
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
        _process.StandardInput.Close();
        _process.WaitForExit(StopLimit);
        _process.Dispose();
    }
}
