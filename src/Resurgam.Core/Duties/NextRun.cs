using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

/// <summary>When a schedule comes next.</summary>
public sealed record NextRun(Schedule Schedule, DateTimeOffset At)
{
    /// <summary>The soonest first; a schedule that never comes is left out.</summary>
    public static IReadOnlyList<NextRun> All(Plan plan, DateTimeOffset now) =>
        [
            .. from schedule in plan.Schedules
            let next = schedule.Cron.Next(now)
            where next is not null
            orderby next
            select new NextRun(schedule, next.Value),
        ];
}
