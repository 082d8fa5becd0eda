using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>The schedules can keep the objectives. A plan without any schedule is one for use by hand, and is not asked.</summary>
public static class ScheduleRules
{
    internal static IEnumerable<Finding> Check(Plan plan, DateOnly today)
    {
        if (plan.Schedules.Count == 0)
            return [];
        var from = new DateTimeOffset(today, TimeOnly.MinValue, TimeSpan.Zero);
        return
        [
            .. plan.Schedules.Where(schedule => schedule.Cron.Next(from) is null).Select(Never),
            .. plan.Assets.SelectMany(asset => OfAsset(plan, asset, from)),
        ];
    }

    /// <summary>The longest time between two pieces of work on the asset, by its best schedule; null when there is none.</summary>
    public static TimeSpan? LongestGap(Plan plan, AssetId asset, ScheduledWork work, DateTimeOffset from) =>
        plan
            .Schedules.Where(schedule => schedule.Work == work && schedule.Covers(asset))
            .Min(schedule => schedule.Cron.LongestGap(from));

    private static Finding Never(Schedule schedule) =>
        Found.Error(
            "schedule-never",
            $"schedules.{schedule.Name}.cron",
            $"schedule '{schedule.Name}' has no day: '{schedule.Cron.Text}' never comes",
            "Check day and month of the expression."
        );

    private static IEnumerable<Finding> OfAsset(Plan plan, Asset asset, DateTimeOffset from)
    {
        var path = $"assets.{asset.Id}";
        var gap = LongestGap(plan, asset.Id, ScheduledWork.Backup, from);
        if (!plan.Schedules.Any(schedule => schedule.Work == ScheduledWork.Backup && schedule.Covers(asset.Id)))
            yield return Found.Error(
                "asset-without-schedule",
                path,
                $"no schedule backs up asset '{asset.Id}'",
                $"Add one below 'schedules': {asset.Id}: {{ do: backup, asset: {asset.Id}, cron: '0 4 * * *' }}."
            );
        if (!plan.Schedules.Any(schedule => schedule.Work == ScheduledWork.Verify && schedule.Covers(asset.Id)))
            yield return Found.Error(
                "asset-without-verification",
                path,
                $"no schedule verifies asset '{asset.Id}'",
                "Add 'do: verify' below 'schedules': a copy that was never restored is a hope."
            );
        if (asset is not Asset.Postgres && Rpo(plan, asset) is { } rpo && gap > rpo)
            yield return Found.Error(
                "schedule-misses-rpo",
                path,
                $"asset '{asset.Id}' is backed up every {Duration.Format(gap.Value)} at best, and may lose {Duration.Format(rpo)}",
                "Back it up more often than that, and leave time for the backup itself; or widen the rpo."
            );
    }

    /// <summary>The least loss that anything promises of the asset.</summary>
    private static TimeSpan? Rpo(Plan plan, Asset asset) =>
        plan
            .Scenarios.Where(scenario => scenario.Affects.Contains(asset.Id.Value))
            .Select(scenario => scenario.Objectives.Rpo)
            .Append(asset.Rpo)
            .Min();
}
