namespace Resurgam.Adapters.Wal;

/// <summary>
/// What touches a disk that may hang, one after the other and on threads of their own: who has something done need not wait for it.
/// Not thread-safe.
/// </summary>
internal sealed class DiskQueue
{
    private Task _last = Task.CompletedTask;

    /// <summary>Something is not done yet; on a disk that hangs it never is.</summary>
    public bool IsBusy => !_last.IsCompleted;

    /// <summary>Has it done when all before it is.</summary>
    public Task<T> Begin<T>(Func<T> work)
    {
        var mine = AfterAsync(_last, work);
        _last = mine;
        return mine;
    }

    private static async Task<T> AfterAsync<T>(Task before, Func<T> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await Task.Factory.StartNew(
            work,
            CancellationToken.None,
            TaskCreationOptions.LongRunning, // what hangs must not hold a thread of the pool
            TaskScheduler.Default
        );
    }
}
