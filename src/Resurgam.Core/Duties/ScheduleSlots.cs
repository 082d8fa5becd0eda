using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Duties;

/// <summary>The newest moment of each schedule that has come, and the next: of all that were missed the newest alone counts. Not thread-safe.</summary>
/// <remarks>A moment is worked out once, so that ten thousand schedules cost nothing while none of them is due.</remarks>
public sealed class ScheduleSlots(ValueList<Schedule> schedules)
{
    private readonly Slot[] _slots = [.. schedules.Select(schedule => new Slot(schedule))];
    private readonly Dictionary<(ScheduledWork Work, string? Of), DateTimeOffset?> _last = [];
    private DateTimeOffset _at = DateTimeOffset.MinValue;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>The clock may go back as well.</summary>
    public void MoveTo(DateTimeOffset now)
    {
        var isBack = now < _at;
        _at = now;
        if (now < _next && !isBack)
            return;
        _last.Clear();
        _next = DateTimeOffset.MaxValue;
        foreach (var slot in _slots)
        {
            if (slot.Next <= now || isBack)
                slot.MoveTo(now);
            if (slot.Next < _next)
                _next = slot.Next;
            var key = (slot.Schedule.Work, slot.Schedule.Asset ?? slot.Schedule.Drill);
            var known = _last.GetValueOrDefault(key);
            _last[key] = known > slot.Last ? known : slot.Last ?? known;
        }
    }

    /// <summary>Whether a schedule does this work on the asset.</summary>
    public bool Has(ScheduledWork work, AssetId asset) =>
        _last.ContainsKey((work, asset.Value)) || _last.ContainsKey((work, null));

    /// <param name="work">What is scheduled.</param>
    /// <param name="asset">Null for work that is on no asset.</param>
    /// <returns>Null when there is no schedule of it, or none that ever came.</returns>
    public DateTimeOffset? Last(ScheduledWork work, AssetId? asset)
    {
        var ofAll = _last.GetValueOrDefault((work, null));
        var ofIt = asset is { } id ? _last.GetValueOrDefault((work, id.Value)) : null;
        return ofIt > ofAll || ofAll is null ? ofIt : ofAll;
    }

    /// <summary>What comes after the moment, the soonest first; a schedule that never comes is left out.</summary>
    public IReadOnlyList<NextRun> Upcoming() =>
        [
            .. from slot in _slots
            where slot.Next < DateTimeOffset.MaxValue
            orderby slot.Next
            select new NextRun(slot.Schedule, slot.Next),
        ];

    /// <returns>As <see cref="Last"/>, for a drill.</returns>
    public DateTimeOffset? LastOfDrill(string drill) => _last.GetValueOrDefault((ScheduledWork.Drill, drill));

    private sealed class Slot(Schedule schedule)
    {
        public Schedule Schedule => schedule;

        public DateTimeOffset? Last { get; private set; }

        public DateTimeOffset Next { get; private set; } = DateTimeOffset.MinValue;

        public void MoveTo(DateTimeOffset now) =>
            (Last, Next) = (schedule.Cron.Last(now), schedule.Cron.Next(now) ?? DateTimeOffset.MaxValue);
    }
}
