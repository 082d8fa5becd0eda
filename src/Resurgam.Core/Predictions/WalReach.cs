using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Predictions;

/// <summary>How far a snapshot can be brought forward by the WAL that a store holds, from the names of its objects.</summary>
/// <param name="End">The last position without a gap.</param>
/// <param name="StoredAt">When the store took the object that ends there; null when there is none behind the snapshot.</param>
/// <param name="Gap">What is missing behind it; null when it is the end.</param>
public sealed record WalReach(Lsn End, DateTimeOffset? StoredAt, WalRange? Gap)
{
    /// <param name="objects">Of every timeline, in any order.</param>
    /// <param name="from">Where the snapshot ends that recovery starts from.</param>
    public static WalReach From(
        IReadOnlyList<(WalObjectName Name, DateTimeOffset StoredAt)> objects,
        uint timeline,
        Lsn from
    )
    {
        var (end, at, storedAt) = (from, timeline, (DateTimeOffset?)null);
        var later = objects
            .Where(each => each.Name.Timeline > timeline || (each.Name.Timeline == timeline && each.Name.End > from))
            .OrderBy(each => each.Name.Timeline)
            .ThenBy(each => each.Name.Start.Value)
            .ThenByDescending(each => each.Name.End.Value)
            .ToList();
        foreach (var (name, stored) in later)
        {
            // A new timeline begins somewhere in the old one, and what the old one has behind that is history.
            if (name.Start > end)
                return new WalReach(end, storedAt, new WalRange(name.Timeline, end, name.Start));
            if (name.End <= end && name.Timeline == at)
                continue;
            (end, at, storedAt) = (name.End, name.Timeline, stored);
        }
        return new WalReach(end, storedAt, Gap: null);
    }
}
