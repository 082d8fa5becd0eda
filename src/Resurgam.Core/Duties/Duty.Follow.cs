using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>A Redis server's commands are followed. The server would let any number of us; one is enough.</summary>
    public sealed record Follow : Duty
    {
        public required AssetId Asset { get; init; }

        public override StreamName Stream => StreamName.OfDuty($"stream-{Asset}");

        public override string Name => $"stream {Asset}";

        public override DutyLane Lane => DutyLane.Stream;

        /// <summary>Of what comes back empty there is nothing to follow.</summary>
        internal static IEnumerable<Follow> All(Plan plan) =>
            plan
                .Assets.OfType<Asset.Redis>()
                .Where(asset => !asset.StartEmpty)
                .Select(asset => new Follow { Asset = asset.Id, DueAt = DateTimeOffset.MinValue });
    }
}
