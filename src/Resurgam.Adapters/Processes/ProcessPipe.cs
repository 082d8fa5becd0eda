using System.Diagnostics;

namespace Resurgam.Adapters.Processes;

/// <summary>A program at work whose output or input is too long to be held: whoever started it reads or writes it as a stream.</summary>
public sealed class ProcessPipe : IAsyncDisposable
{
    private readonly Process _process;
    private readonly BoundedOutput _error;
    private readonly Task _reading;

    private ProcessPipe(Process process, BoundedOutput error)
    {
        (_process, _error) = (process, error);
        _reading = error.ReadAsync(process.StandardError.BaseStream, CancellationToken.None); // ends with the program
    }

    /// <summary>Its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Its standard input; closed by <see cref="EndAsync"/>.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <param name="request">Its input and its timeout count for nothing here.</param>
    /// <exception cref="Core.Problems.ResurgamException">It does not start.</exception>
    public static ProcessPipe Start(ProcessRequest request)
    {
        Process process = new() { StartInfo = ProcessRunner.StartInfoOf(request with { SharesError = false }) };
        try
        {
            ProcessRunner.Start(process, request);
            return new ProcessPipe(process, BoundedOutput.KeepTail(request.MaxOutputBytes));
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Closes its input and waits for its end.</summary>
    /// <returns>Its exit code, and the end of its standard error.</returns>
    public async Task<(int ExitCode, string Error)> EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _process.StandardInput.DisposeAsync();
        }
        catch (IOException)
        {
            // It ended before it had read all of it: its exit code tells.
        }
        await _process.WaitForExitAsync(cancellationToken);
        await _reading;
        return (_process.ExitCode, _error.ToText());
    }

    /// <summary>Kills it when it still works.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None); // killed: at once
        }
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }
}
