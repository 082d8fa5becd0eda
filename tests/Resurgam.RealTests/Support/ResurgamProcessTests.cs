using Xunit.Sdk;

namespace Resurgam.RealTests.Support;

public sealed class ResurgamProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_streams_and_the_exit_code_come_back()
    {
        var exit = await ResurgamProcess.RunAsync(
            ["-c", "cat; echo oops >&2; exit 7"],
            Shell with
            {
                Input = [1, 0, 255],
            },
            Token
        );

        Assert.Equal((7, "oops\n"), (exit.ExitCode, exit.Error));
        Assert.Equal([1, 0, 255], exit.OutputBytes);
    }

    [Fact]
    public async Task It_can_be_killed_when_it_has_said_a_line()
    {
        await using var process = ResurgamProcess.Start(["-c", "echo up; echo ready 1 >&2; exec sleep 600"], Shell);

        Assert.Equal("ready 1", await process.WaitForLineAsync("ready", Token));
        process.Kill();

        Assert.Equal(137, (await process.WaitForExitAsync(Token)).ExitCode);
    }

    [Fact]
    public async Task A_signal_that_it_handles_reaches_it()
    {
        await using var process = ResurgamProcess.Start(
            ["-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"],
            Shell
        );
        await process.WaitForLineAsync("ready", Token);

        process.Signal(15);

        Assert.Equal(9, (await process.WaitForExitAsync(Token)).ExitCode);
    }

    [Fact]
    public async Task A_line_that_never_comes_fails_with_all_that_was_said()
    {
        await using var process = ResurgamProcess.Start(["-c", "echo hello; echo trouble >&2; exit 3"], Shell);

        var failure = await Assert.ThrowsAnyAsync<XunitException>(() => process.WaitForLineAsync("ready", Token));

        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("trouble", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_the_developer_do_not_reach_it()
    {
        Environment.SetEnvironmentVariable("RESURGAM_FOREIGN", "1");
        var around = Shell with { Environment = new Dictionary<string, string> { ["RESURGAM_OURS"] = "2" } };

        var exit = await ResurgamProcess.RunAsync(["-c", "echo $RESURGAM_FOREIGN/$RESURGAM_OURS"], around, Token);

        Assert.Equal("/2\n", exit.Output);
    }

    private static ResurgamSurroundings Shell => new() { Program = "/bin/sh" };
}
