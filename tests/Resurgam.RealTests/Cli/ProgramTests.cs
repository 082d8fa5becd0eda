using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Cli;

public sealed class ProgramTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_tells_its_version()
    {
        var exit = await ResurgamProcess.RunAsync(["--version"], Token);

        Assert.Equal((0, ""), (exit.ExitCode, exit.Error));
        Assert.StartsWith("0.", exit.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_it_does_not_know_is_an_error_of_use()
    {
        var exit = await ResurgamProcess.RunAsync(["resurrect"], Token);

        Assert.Equal((2, ""), (exit.ExitCode, exit.Output));
        Assert.Contains("resurrect", exit.Error, StringComparison.Ordinal);
    }
}
