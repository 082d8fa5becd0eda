using System.Diagnostics;

namespace Resurgam.RealTests.Support;

/// <summary>Waits for what another process does and does not announce. The only place where a test looks at the clock.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <param name="what">What is waited for, for the message when it does not come in 30 s.</param>
    /// <param name="holds">Asked again and again; cheap.</param>
    public static Task HoldsAsync(string what, Func<bool> holds, CancellationToken cancellationToken) =>
        HoldsAsync(() => $"still not: {what}", () => Task.FromResult(holds()), cancellationToken);

    /// <param name="state">The message when it does not come in time: what is, and what should be.</param>
    /// <param name="holds">Asked again and again; cheap.</param>
    /// <param name="cancellationToken">Of the test.</param>
    /// <param name="limit">How long it may take; default: 30 s.</param>
    public static async Task HoldsAsync(
        Func<string> state,
        Func<Task<bool>> holds,
        CancellationToken cancellationToken,
        TimeSpan limit = default
    )
    {
        if (limit == default)
            limit = Limit;
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed > limit)
                Assert.Fail($"after {limit.TotalSeconds} s: {state()}");
            await PauseAsync(cancellationToken);
        }
    }

    /// <summary>Between two looks of a loop that has its own limit.</summary>
    public static Task PauseAsync(CancellationToken cancellationToken) =>
        Task.Delay(Pause, TimeProvider.System, cancellationToken);
}
