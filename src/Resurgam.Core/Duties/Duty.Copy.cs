using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>A replica gets what it lacks. One that is away keeps no other waiting.</summary>
    public sealed record Copy : Duty
    {
        /// <summary>Name of the replica.</summary>
        public required string Replica { get; init; }

        public override StreamName Stream => StreamName.OfDuty($"copy-{Replica}");

        public override string Name => $"copy to {Replica}";

        public override DutyLane Lane => DutyLane.Copy;

        internal static IEnumerable<Copy> AllDue(Plan plan, ScheduleSlots slots) =>
            slots.Last(ScheduledWork.Copy, asset: null) is { } slot
                ? plan.Vault.Replicas.Select(replica => new Copy { Replica = replica.Name, DueAt = slot })
                : [];
    }
}
