using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>What retention no longer keeps is destroyed. Missed any number of times, it is done late, once.</summary>
    public sealed record Expire : Duty
    {
        public override StreamName Stream => StreamName.OfDuty("expire");

        public override string Name => "expire";

        /// <summary>It reads what a copy reads, and they do not meet.</summary>
        public override DutyLane Lane => DutyLane.Copy;

        internal static IEnumerable<Expire> AllDue(ScheduleSlots slots) =>
            slots.Last(ScheduledWork.Expire, asset: null) is { } slot ? [new Expire { DueAt = slot }] : [];
    }
}
