using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>A stretch of one timeline, from <paramref name="Start"/> up to and without <paramref name="End"/>.</summary>
public readonly record struct WalRange(uint Timeline, Lsn Start, Lsn End)
{
    public ulong LengthBytes => End - Start;

    public override string ToString() => $"{Start}..{End} on timeline {Timeline}";
}
