using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>
/// Measures what a loss would cost, in time: up to which moment is everything durable that the server had written then.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Each message of the server says where its WAL ends. Once that position is reached here, nothing older than the message
/// can be lost. The times are ours, so the server's clock may be wrong.
/// </remarks>
public sealed class LossMeter
{
    /// <summary>Samples that may wait: beyond them, new ones are left out, which only makes the answer more careful.</summary>
    private const int MaxWaiting = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<Sample> _waiting = new();
    private Lsn _reached;
    private long _saw;
    private Sample? _secured;

    /// <summary>Everything that the server had written before this moment is durable; null while that is not known.</summary>
    public DateTimeOffset? SecuredAt
    {
        get
        {
            lock (_gate)
                return _secured?.At;
        }
    }

    /// <summary>The server's WAL ended at <paramref name="end"/> when we heard so.</summary>
    public void Saw(Lsn end, DateTimeOffset at)
    {
        lock (_gate)
        {
            Sample sample = new(++_saw, end, at);
            if (end <= _reached)
                Secure(sample);
            else if (_waiting.Count < MaxWaiting)
                _waiting.Enqueue(sample);
        }
    }

    /// <summary>All WAL up to <paramref name="lsn"/> is durable now.</summary>
    public void Reached(Lsn lsn)
    {
        lock (_gate)
        {
            _reached = lsn;
            while (_waiting.TryPeek(out var sample) && sample.End <= lsn)
                Secure(_waiting.Dequeue());
        }
    }

    /// <summary>The last one counts, not the latest: after a clock was set back, the latest would claim too much.</summary>
    private void Secure(Sample sample)
    {
        if (_secured is null || sample.Number > _secured.Number)
            _secured = sample;
    }

    private sealed record Sample(long Number, Lsn End, DateTimeOffset At);
}
