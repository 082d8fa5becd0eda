using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;

namespace Resurgam.Core.Duties;

/// <summary>What a plan has made due. It knows no clock. Not thread-safe.</summary>
/// <param name="plan">Whose duties they are.</param>
/// <param name="changedAt">When the plan became what it is; null: nobody saw it change.</param>
public sealed class DutyCalendar(Plan plan, DateTimeOffset? changedAt = null)
{
    private readonly ScheduleSlots _slots = new(plan.Schedules);

    /// <returns>Also what has been done since the facts were seen: the ledger knows. What waits longest comes first.</returns>
    public IReadOnlyList<Duty> DueAt(IEnumerable<AssetFacts> assets, DateTimeOffset now)
    {
        _slots.MoveTo(now);
        List<Duty> due =
        [
            Duty.Look.Due(changedAt, now),
            .. Duty.Follow.All(plan),
            .. Duty.Copy.AllDue(plan, _slots),
            .. Duty.Scrub.AllDue(plan, _slots),
            .. Duty.Check.AllDue(_slots),
            .. Duty.Expire.AllDue(_slots),
            .. Duty.Drill.AllDue(plan, _slots),
        ];
        // Of what is due at the same moment the asset with the oldest snapshot has most to lose.
        foreach (var asset in assets.OrderBy(asset => asset.Snapshots is [.., var newest] ? newest.TakenAt : default))
        {
            if (Duty.Backup.FindDue(asset, _slots) is { } backup)
                due.Add(backup);
            if (Duty.Verify.FindDue(asset, _slots) is { } verify)
                due.Add(verify);
        }
        return [.. due.OrderBy(duty => duty.DueAt)];
    }
}
