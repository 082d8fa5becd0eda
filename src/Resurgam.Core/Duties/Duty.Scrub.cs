using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>The share of a place that is due is read back and checked. Missed, it is a larger share.</summary>
    public sealed record Scrub : Duty
    {
        /// <summary>Name of the place: the vault's own or a replica.</summary>
        public required string Place { get; init; }

        public override StreamName Stream => StreamName.OfDuty($"scrub-{Place}");

        public override string Name => $"scrub {Place}";

        public override DutyLane Lane => DutyLane.Scrub;

        internal static IEnumerable<Scrub> AllDue(Plan plan, ScheduleSlots slots) =>
            slots.Last(ScheduledWork.Scrub, asset: null) is { } slot
                ? plan
                    .Vault.Replicas.Select(replica => replica.Name)
                    .Prepend(ReplicaPlace.Primary)
                    .Select(place => new Scrub { Place = place, DueAt = slot })
                : [];
    }
}
