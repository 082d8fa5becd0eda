using System.Globalization;
using System.Text;
using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>Where a timeline comes from: its ancestors, oldest first, each with the position at which it was left.</summary>
/// <remarks>
/// The text form is PostgreSQL's <c>NNNNNNNN.history</c>: a line <c>timeline TAB position TAB reason</c> an ancestor,
/// <c>#</c> starts a comment. Source: <c>src/backend/access/transam/timeline.c</c>. Timeline 1 has no such file.
/// </remarks>
public sealed class TimelineHistory
{
    private TimelineHistory(uint timeline, IReadOnlyList<TimelineSwitch> ancestors) =>
        (Timeline, Ancestors) = (timeline, ancestors);

    public uint Timeline { get; }

    /// <summary>Oldest first; empty for a timeline that began with the cluster.</summary>
    public IReadOnlyList<TimelineSwitch> Ancestors { get; }

    /// <summary>The position at which this timeline began; 0/0 without ancestors.</summary>
    public Lsn Start => Ancestors.Count == 0 ? default : Ancestors[^1].LeftAt;

    /// <summary>The history of a timeline that began with the cluster.</summary>
    public static TimelineHistory Root(uint timeline) => new(timeline, []);

    /// <exception cref="Problems.ResurgamException">The text is not a history that leads to this timeline.</exception>
    public static TimelineHistory Parse(uint timeline, ReadOnlySpan<byte> content)
    {
        List<TimelineSwitch> ancestors = [];
        foreach (var raw in Encoding.UTF8.GetString(content).Split('\n'))
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var parts = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (
                parts.Length < 2
                || !uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ancestor)
                || !Lsn.TryParse(parts[1], out var leftAt)
                || ancestor >= timeline
                || (ancestors.Count > 0 && (ancestor <= ancestors[^1].Timeline || leftAt < ancestors[^1].LeftAt))
            )
                throw WalProblems.BadHistory(timeline, line);
            ancestors.Add(new TimelineSwitch(ancestor, leftAt, parts.Length == 3 ? parts[2] : ""));
        }
        return new TimelineHistory(timeline, ancestors);
    }

    public byte[] Format()
    {
        var text = new StringBuilder();
        foreach (var ancestor in Ancestors)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{ancestor.Timeline}\t{ancestor.LeftAt}\t{(ancestor.Reason.Length == 0 ? "no reason given" : ancestor.Reason)}\n"
            );
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The history of one of the ancestors: the lines before its own.</summary>
    public TimelineHistory Of(uint ancestor) =>
        ancestor == Timeline
            ? this
            : new TimelineHistory(ancestor, [.. Ancestors.TakeWhile(a => a.Timeline < ancestor)]);

    /// <summary>Whether this timeline is <paramref name="timeline"/> or comes from it, so that its end can be asked for.</summary>
    public bool Contains(uint timeline) => timeline == Timeline || Ancestors.Any(a => a.Timeline == timeline);

    /// <summary>Where <paramref name="timeline"/> was left on the way here; null for this timeline itself and for strangers.</summary>
    public Lsn? LeftAt(uint timeline)
    {
        foreach (var ancestor in Ancestors)
            if (ancestor.Timeline == timeline)
                return ancestor.LeftAt;
        return null;
    }

    /// <summary>The timeline that wrote the byte at <paramref name="lsn"/>, seen from here.</summary>
    public uint TimelineAt(Lsn lsn)
    {
        foreach (var ancestor in Ancestors)
            if (lsn < ancestor.LeftAt)
                return ancestor.Timeline;
        return Timeline;
    }

    /// <summary>The stretches of WAL, in order, that lead from <paramref name="start"/> to <paramref name="end"/> on this timeline.</summary>
    public IReadOnlyList<WalRange> Path(Lsn start, Lsn end)
    {
        List<WalRange> path = [];
        foreach (var ancestor in Ancestors)
        {
            if (start >= ancestor.LeftAt)
                continue;
            var stop = ancestor.LeftAt < end ? ancestor.LeftAt : end;
            if (start < stop)
                path.Add(new WalRange(ancestor.Timeline, start, stop));
            start = stop;
        }
        if (start < end)
            path.Add(new WalRange(Timeline, start, end));
        return path;
    }
}

/// <param name="Timeline">The ancestor.</param>
/// <param name="LeftAt">The first position that is no longer its own.</param>
/// <param name="Reason">PostgreSQL's words; may be empty.</param>
public sealed record TimelineSwitch(uint Timeline, Lsn LeftAt, string Reason);
