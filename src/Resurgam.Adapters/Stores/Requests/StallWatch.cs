namespace Resurgam.Adapters.Stores.Requests;

/// <summary>Ends an attempt in which nothing moves any more; as long as bytes move it may take its time.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public StallWatch(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _caller = caller;
        _timer = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>It was this watch that ended the attempt, and not the caller.</summary>
    public bool HasStalled => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Moved() => _timer.CancelAfter(_limit);

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
