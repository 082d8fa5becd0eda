using System.Globalization;
using Resurgam.Adapters.Processes;
using Resurgam.Cli;

namespace Resurgam.RealTests.Cli;

public sealed class StopSignalsTests
{
    [Fact(Timeout = 30_000)]
    public async Task A_real_SIGTERM_asks_to_stop_and_does_not_end_the_process()
    {
        using var signals = StopSignals.Listen();
        var asked = new TaskCompletionSource();
        await using var registration = signals.Token.Register(asked.SetResult);
        await new ProcessRunner(TimeProvider.System).RunWellAsync(
            new ProcessRequest
            {
                Program = "kill",
                Arguments = ["-TERM", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)],
            },
            TestContext.Current.CancellationToken
        );
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Terminated, signals.ExitCodeOfSignal);
    }
}
