namespace Resurgam.Demo.Scenarios;

/// <summary>Looks at the platform from outside, again and again, from the disaster on.</summary>
internal sealed class HealthWatch : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private DateTimeOffset? _backSince;

    private HealthWatch(Func<CancellationToken, Task<bool>> isBack, TimeProvider time) =>
        _watching = WatchAsync(isBack, time);

    public static HealthWatch Start(Func<CancellationToken, Task<bool>> isBack, TimeProvider time) => new(isBack, time);

    /// <summary>One look more, then no other.</summary>
    /// <returns>Since when all has been well, to the end. Null: it is not.</returns>
    public async Task<DateTimeOffset?> EndAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        return _backSince;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync(Func<CancellationToken, Task<bool>> isBack, TimeProvider time)
    {
        while (true)
        {
            var isLast = _stop.IsCancellationRequested;
            var now = time.GetUtcNow();
            // The last look is not cut off: it says how it ends.
            _backSince = await isBack(CancellationToken.None) ? _backSince ?? now : null;
            if (isLast)
                return;
            await Task.Delay(BetweenLooks, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
