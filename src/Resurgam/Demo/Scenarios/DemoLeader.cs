using System.Diagnostics;

namespace Resurgam.Demo.Scenarios;

/// <summary>A process of this program that leads a run. When nobody follows it any more it is killed.</summary>
internal sealed class DemoLeader(Process process) : IDisposable
{
    public bool IsGone => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>With -9, and nothing of what it has started: as after a crash of the program.</summary>
    public void Kill()
    {
        if (!process.HasExited)
            process.Kill();
    }

    public Task WaitForEndAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}
