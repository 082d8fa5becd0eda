using System.Runtime.InteropServices;

namespace Resurgam.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to stop and clean up, the second ends the process at once, as a person
/// who presses it twice expects.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _exitCode;

    public CancellationToken Token => _stop.Token;

    /// <summary>What the process ends with after a signal; null when there was none.</summary>
    public int? ExitCodeOfSignal => _stop.IsCancellationRequested ? Volatile.Read(ref _exitCode) : null;

    public static StopSignals Listen()
    {
        var signals = new StopSignals();
        signals.Register(PosixSignal.SIGINT, ExitCode.Interrupted);
        signals.Register(PosixSignal.SIGTERM, ExitCode.Terminated);
        return signals;
    }

    /// <returns>False when the program was asked before.</returns>
    public bool Raise(int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            return false;
        _stop.Cancel();
        return true;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Register(PosixSignal signal, int exitCode) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = Raise(exitCode)));
}
