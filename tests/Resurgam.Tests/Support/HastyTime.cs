namespace Resurgam.Tests.Support;

/// <summary>A clock that jumps over short waits; longer ones end when the test says so.</summary>
public sealed class HastyTime(TimeSpan longestShort) : TimeProvider
{
    private readonly TimeSpan _longestShort = longestShort;
    private readonly Lock _gate = new();
    private readonly List<Waiting> _armed = [];
    private DateTimeOffset _now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    /// <summary>Ends every long wait that has begun.</summary>
    public void Expire()
    {
        List<Waiting> due;
        lock (_gate)
        {
            due = [.. _armed];
            _armed.Clear();
            if (due.Count > 0)
                _now += due.Max(timer => timer.Due);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waiting timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Waiting(HastyTime time, Action fire) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Fire() => ThreadPool.QueueUserWorkItem(_ => fire());

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var isShort = dueTime >= TimeSpan.Zero && dueTime <= time._longestShort;
            lock (time._gate)
            {
                Due = dueTime;
                time._armed.Remove(this);
                if (isShort)
                    time._now += dueTime;
                else if (dueTime > TimeSpan.Zero)
                    time._armed.Add(this);
            }
            if (isShort)
                Fire();
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
                time._armed.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
