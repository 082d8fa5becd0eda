namespace Resurgam.Core.Wal;

/// <summary>PostgreSQL's <c>timestamptz</c>: microseconds since 2000-01-01 UTC.</summary>
public static class PostgresTime
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The nearest time that can be shown; PostgreSQL's infinities become the ends of our calendar.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds)
    {
        var latest = (DateTimeOffset.MaxValue - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var earliest = (DateTimeOffset.MinValue - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return Epoch.AddTicks(Math.Clamp(microseconds, earliest, latest) * TimeSpan.TicksPerMicrosecond);
    }

    public static long ToMicroseconds(DateTimeOffset at) => (at - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
