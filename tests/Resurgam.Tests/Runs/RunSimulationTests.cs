using Resurgam.Core.Runs;

namespace Resurgam.Tests.Runs;

/// <summary>No effect twice that is not idempotent, no approval gone around, no step after an abort; every run ends; the chain verifies.</summary>
public sealed class RunSimulationTests
{
    /// <summary>A thousand in CI; at a desk fewer, for they take a while.</summary>
    private static readonly int Seeds = Environment.GetEnvironmentVariable("CI") is null ? 150 : 1000;

    [Fact]
    public async Task A_thousand_disasters_end_without_an_effect_that_nobody_wanted()
    {
        var (crashes, naps, words, unknown) = (0, 0, 0, 0);
        Dictionary<RunResult, int> results = [];
        for (var seed = 0; seed < Seeds; seed++)
        {
            RunSimulation simulation = new(seed);
            try
            {
                await simulation.RunAsync(TestContext.Current.CancellationToken);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
            results[simulation.Result] = results.GetValueOrDefault(simulation.Result) + 1;
            (crashes, naps) = (crashes + simulation.Crashes, naps + simulation.Naps);
            (words, unknown) = (words + simulation.Words, unknown + simulation.Unknown);
        }
        var told =
            $"{crashes} crashes, {naps} naps, {words} words, {unknown} unknown, {string.Join(", ", results.Select(one => $"{one.Value} {one.Key}"))}";
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        // Histories in which nothing happens prove nothing.
        Assert.True(crashes > 2 * Seeds && naps > Seeds && words > 3 * Seeds && unknown > Seeds / 10, told);
        Assert.Equal(3, results.Count);
    }
}
