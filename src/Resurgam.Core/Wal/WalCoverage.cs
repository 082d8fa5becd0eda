using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>Which WAL a store holds, by the names of its objects; whether they can be opened is another question.</summary>
public sealed class WalCoverage(IEnumerable<WalObjectName> names)
{
    /// <summary>Ascending by timeline.</summary>
    public IReadOnlyList<WalTimelineCoverage> Timelines { get; } =
    [.. names.GroupBy(n => n.Timeline).OrderBy(g => g.Key).Select(g => new WalTimelineCoverage(g.Key, Merge(g)))];

    public WalTimelineCoverage? Find(uint timeline) => Timelines.FirstOrDefault(t => t.Timeline == timeline);

    /// <summary>How far WAL reaches without a gap from <paramref name="start"/> on; <paramref name="start"/> itself when there is none.</summary>
    public Lsn EndOf(uint timeline, Lsn start)
    {
        foreach (var range in Find(timeline)?.Ranges ?? [])
            if (range.Start <= start && start < range.End)
                return range.End;
        return start;
    }

    /// <summary>What is missing of the path that a recovery takes (<see cref="TimelineHistory.Path"/>).</summary>
    public IReadOnlyList<WalRange> MissingOf(IEnumerable<WalRange> path)
    {
        List<WalRange> missing = [];
        foreach (var wanted in path)
        {
            var at = wanted.Start;
            foreach (var range in Find(wanted.Timeline)?.Ranges ?? [])
            {
                if (range.End <= at || range.Start >= wanted.End)
                    continue;
                if (range.Start > at)
                    missing.Add(wanted with { Start = at, End = range.Start });
                at = range.End;
            }
            if (at < wanted.End)
                missing.Add(wanted with { Start = at });
        }
        return missing;
    }

    private static List<WalRange> Merge(IEnumerable<WalObjectName> names)
    {
        List<WalRange> ranges = [];
        foreach (var name in names.OrderBy(n => n.Start.Value).ThenBy(n => n.LengthBytes))
        {
            if (ranges.Count > 0 && name.Start <= ranges[^1].End)
                ranges[^1] = ranges[^1] with { End = name.End > ranges[^1].End ? name.End : ranges[^1].End };
            else
                ranges.Add(new WalRange(name.Timeline, name.Start, name.End));
        }
        return ranges;
    }
}

/// <param name="Timeline">The timeline.</param>
/// <param name="Ranges">Ascending, at least one, none touching another.</param>
public sealed record WalTimelineCoverage(uint Timeline, IReadOnlyList<WalRange> Ranges)
{
    public Lsn Start => Ranges[0].Start;

    public Lsn End => Ranges[^1].End;

    /// <summary>What is missing between the first and the last byte.</summary>
    public IReadOnlyList<WalRange> Gaps =>
        [.. Ranges.Zip(Ranges.Skip(1), (left, right) => new WalRange(Timeline, left.End, right.Start))];
}
