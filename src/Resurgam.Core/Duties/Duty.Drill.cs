using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>A drill of the plan, when people expect it. Missed, it waits for its next time: nothing is broken unannounced.</summary>
    public sealed record Drill : Duty
    {
        /// <summary>Name of the drill.</summary>
        public required string Of { get; init; }

        public override StreamName Stream => StreamOf(Of);

        public override string Name => $"drill {Of}";

        public override DutyLane Lane => DutyLane.Drill;

        public override TimeSpan? Patience => TimeSpan.FromMinutes(30);

        public static StreamName StreamOf(string drill) => StreamName.OfDuty($"drill-{drill}");

        internal static IEnumerable<Drill> AllDue(Plan plan, ScheduleSlots slots) =>
            from drill in plan.Drills
            let slot = slots.LastOfDrill(drill.Name)
            where slot is not null
            select new Drill { Of = drill.Name, DueAt = slot.Value };
    }
}
