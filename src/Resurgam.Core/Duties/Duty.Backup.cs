using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>A snapshot of an asset. Missed any number of times, it is taken late, once.</summary>
    public sealed record Backup : Duty
    {
        public required AssetId Asset { get; init; }

        public override StreamName Stream => StreamName.OfDuty($"backup-{Asset}");

        public override string Name => $"backup {Asset}";

        public override DutyLane Lane => DutyLane.Backup;

        /// <returns>Null when it is not due: a snapshot since then does as well, whoever took it.</returns>
        internal static Backup? FindDue(AssetFacts asset, ScheduleSlots slots) =>
            slots.Last(ScheduledWork.Backup, asset.Asset) is { } slot
            && !(asset.Snapshots is [.., var newest] && newest.TakenAt >= slot)
                ? new Backup { Asset = asset.Asset, DueAt = slot }
                : null;
    }
}
