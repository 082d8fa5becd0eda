using Resurgam.Core.Plans;

namespace Resurgam.Core.Predictions;

/// <summary>What a plan promises of one asset: its own word, else the strictest scenario that hits it, else that of the whole.</summary>
public static class Promises
{
    /// <returns>The most data, in time, that may be lost; null when nothing is said.</returns>
    public static TimeSpan? LossOf(Plan plan, Asset asset) =>
        asset.Rpo ?? Strictest(plan, asset, objectives => objectives.Rpo) ?? plan.Objectives?.Rpo;

    /// <returns>The longest it may be down; null when nothing is said.</returns>
    public static TimeSpan? RecoveryOf(Plan plan, Asset asset) =>
        asset.Rto ?? Strictest(plan, asset, objectives => objectives.Rto) ?? plan.Objectives?.Rto;

    private static TimeSpan? Strictest(Plan plan, Asset asset, Func<Objectives, TimeSpan?> of) =>
        plan
            .Scenarios.Where(scenario => scenario.Affects.Contains(asset.Id.Value))
            .Min(scenario => of(scenario.Objectives));
}
