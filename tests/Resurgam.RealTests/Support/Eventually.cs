using System.Diagnostics;

namespace Resurgam.RealTests.Support;

/// <summary>Waits for what another process does and does not announce. The only place where a test looks at the clock.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <param name="what">What is waited for, for the message when it does not come in 30 s.</param>
    /// <param name="holds">Asked again and again; cheap and without effects.</param>
    public static Task HoldsAsync(string what, Func<bool> holds, CancellationToken cancellationToken) =>
        HoldsAsync(what, () => Task.FromResult(holds()), cancellationToken);

    /// <inheritdoc cref="HoldsAsync(string, Func{bool}, CancellationToken)"/>
    public static async Task HoldsAsync(string what, Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < Limit, $"after {Limit.TotalSeconds} s still not: {what}");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
