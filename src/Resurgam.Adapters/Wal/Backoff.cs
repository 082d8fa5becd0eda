namespace Resurgam.Adapters.Wal;

/// <summary>Pauses that double from a quarter of a second to a limit.</summary>
internal sealed class Backoff(TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private TimeSpan _next = First;

    public void Reset() => _next = First;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var pause = _next < limit ? _next : limit;
        _next = pause * 2;
        await Task.Delay(pause, time, cancellationToken);
    }
}
