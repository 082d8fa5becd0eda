using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>Every snapshot is followed to its blobs. Missed any number of times, it is done late, once.</summary>
    public sealed record Check : Duty
    {
        public static StreamName StreamOfAll { get; } = StreamName.OfDuty("check");

        public override StreamName Stream => StreamOfAll;

        public override string Name => "check";

        /// <summary>It reads the places that scrubs read.</summary>
        public override DutyLane Lane => DutyLane.Scrub;

        internal static IEnumerable<Check> AllDue(ScheduleSlots slots) =>
            slots.Last(ScheduledWork.Check, asset: null) is { } slot ? [new Check { DueAt = slot }] : [];
    }
}
