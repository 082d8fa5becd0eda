using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Readiness;

namespace Resurgam.Status;

/// <summary>What was seen, at one moment.</summary>
/// <param name="Scenarios">Of the plan, when all of its assets were looked at.</param>
/// <param name="Findings">About the vault itself.</param>
/// <param name="Readiness">What was open when a daemon last held the plan against what is really there.</param>
/// <param name="Next">When each schedule comes next, the soonest first.</param>
/// <param name="Times">What runs have measured.</param>
/// <param name="Drills">Scheduled ones that did not go as they should when they were last due.</param>
internal sealed record VaultStatus(
    DateTimeOffset At,
    IReadOnlyList<AssetPrediction> Assets,
    IReadOnlyList<ScenarioPrediction> Scenarios,
    IReadOnlyList<AssetFinding> Findings,
    IReadOnlyList<SubjectFinding> Readiness,
    IReadOnlyList<NextRun> Next,
    StepTimes Times,
    IReadOnlyList<DrillFacts> Drills
)
{
    public bool IsSafe =>
        !Assets.Any(asset => asset.IsAtRisk)
        && !Scenarios.Any(scenario => scenario.IsAtRisk)
        && !Findings.Any(finding => finding.IsRisk)
        && !Readiness.Any(each => each.Finding.IsRisk);

    public static VaultStatus Of(
        Plan plan,
        DateTimeOffset at,
        IReadOnlyList<AssetPrediction> assets,
        IReadOnlyList<AssetFinding> findings,
        IReadOnlyList<SubjectFinding> readiness,
        IReadOnlyList<NextRun> next,
        StepTimes times,
        IReadOnlyList<DrillFacts> drills
    ) =>
        new(
            at,
            assets,
            assets.Count == plan.Assets.Count ? ScenarioPrediction.All(plan, assets, times, drills, at) : [],
            findings,
            readiness,
            next,
            times,
            drills
        );

    /// <summary>The same sight, as of another moment: ages grow.</summary>
    /// <param name="plan">What it was seen of.</param>
    /// <param name="now">The moment.</param>
    /// <param name="ask">What is known of an asset by now.</param>
    public VaultStatus AsOf(Plan plan, DateTimeOffset now, Func<AssetFacts, AssetFacts> ask) =>
        Of(
            plan,
            now,
            [.. Assets.Select(asset => AssetPrediction.Of(ask(asset.Facts), now))],
            Findings,
            Readiness,
            NextRun.AsOf(Next, now),
            Times,
            Drills
        );
}
