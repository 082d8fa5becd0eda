using Resurgam.Cli;
using Resurgam.Demo;
using Resurgam.Tests.Cli;

namespace Resurgam.Tests.Demo;

/// <summary>What is refused before anything is made.</summary>
public sealed class DemoCommandTests : IDisposable
{
    private readonly CliWorld _world = new();

    [Theory]
    [InlineData("--rto is a promise of a scenario, and none is named", "--rto", "1s")]
    [InlineData("--rpo takes a duration, and 'soon' is none", "--scenario", "breach", "--rpo", "soon")]
    [InlineData("--without leaves a step of a drill out", "--without", "first")]
    [InlineData("has no step 'firts'", "--drill", "breach", "--without", "firts")]
    [InlineData("'flood' not recognized", "--scenario", "flood")]
    public async Task A_promise_or_a_scenario_that_there_is_not_is_refused(string said, params string[] options)
    {
        var exitCode = await _world.RunAsync(DemoCommand.Create(), ["demo", .. options]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(said, _world.Said(exitCode), StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();
}
