using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>The newest snapshot is restored and questioned: when the plan says, and where it says nothing, once each.</summary>
    public sealed record Verify : Duty
    {
        public required AssetId Asset { get; init; }

        public required BlobId Snapshot { get; init; }

        public override StreamName Stream => StreamName.OfDuty($"verify-{Asset}");

        public override string Name => $"verify {Asset}";

        public override DutyLane Lane => DutyLane.Verification;

        /// <returns>Null when it is not due, or there is nothing to verify.</returns>
        internal static Verify? FindDue(AssetFacts asset, ScheduleSlots slots)
        {
            if (asset is not { Unseen: [], Snapshots: [.., var newest] })
                return null;
            if (!slots.Has(ScheduledWork.Verify, asset.Asset))
                return asset.History.IsVerified(newest.Id) ? null : Of(newest.TakenAt);
            var last = asset.History.Events.OfType<AssetEvent.Verification>().LastOrDefault();
            return slots.Last(ScheduledWork.Verify, asset.Asset) is { } slot && !(last?.At >= slot) ? Of(slot) : null;

            Verify Of(DateTimeOffset dueAt) =>
                new()
                {
                    Asset = asset.Asset,
                    DueAt = dueAt,
                    Snapshot = newest.Id,
                };
        }
    }
}
