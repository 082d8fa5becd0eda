using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

/// <summary>When a schedule comes next.</summary>
public sealed record NextRun(Schedule Schedule, DateTimeOffset At)
{
    /// <summary>The same as of later: only what has come meanwhile is worked out anew.</summary>
    /// <param name="known">The soonest first.</param>
    /// <param name="now">The moment.</param>
    public static IReadOnlyList<NextRun> AsOf(IReadOnlyList<NextRun> known, DateTimeOffset now) =>
        known is not [var first, ..] || first.At > now
            ? known
            :
            [
                .. from run in known
                let at = run.At > now ? run.At : run.Schedule.Cron.Next(now)
                where at is not null
                orderby at
                select run with
                {
                    At = at.Value,
                },
            ];
}
