using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Predictions;

/// <summary>If a disaster of the plan happened now: what would be lost, and how long its runbook would take.</summary>
public sealed record ScenarioPrediction
{
    public required Scenario Scenario { get; init; }

    /// <summary>It hits an asset whose data counts.</summary>
    public bool HitsData { get; init; }

    /// <summary>Of the asset that loses most; null: everything, or it hits no data.</summary>
    public TimeSpan? Loss { get; init; }

    /// <summary>Null: it has no runbook.</summary>
    public Estimate? Recovery { get; init; }

    /// <summary>First to last.</summary>
    public IReadOnlyList<ScenarioStep> CriticalPath { get; init; } = [];

    /// <summary>Steps of which neither a measurement nor an estimate says how long they take: they count nothing.</summary>
    public IReadOnlyList<StepId> Unknown { get; init; } = [];

    public TimeSpan? LossMargin => HitsData ? Scenario.Objectives.Rpo - Loss : null;

    public TimeSpan? RecoveryMargin => Scenario.Objectives.Rto - Recovery?.Likely;

    public IReadOnlyList<AssetFinding> Findings { get; init; } = [];

    public bool IsAtRisk => Findings.Any(finding => finding.IsRisk);

    /// <summary>Of every scenario of the plan, in its order.</summary>
    /// <param name="plan">Whose scenarios.</param>
    /// <param name="assets">As they were seen.</param>
    /// <param name="times">What runs have measured.</param>
    /// <param name="drills">Those that did not go as they should.</param>
    /// <param name="now">The moment.</param>
    public static IReadOnlyList<ScenarioPrediction> All(
        Plan plan,
        IReadOnlyList<AssetPrediction> assets,
        StepTimes times,
        IReadOnlyList<DrillFacts> drills,
        DateTimeOffset now
    ) =>
        [
            .. from scenario in plan.Scenarios
            let prediction = Of(plan, scenario, assets, times)
            let ofDrills = drills.Where(drill => drill.Scenario == scenario.Name).Select(drill => drill.ToFinding(now))
            select prediction with
            {
                Findings = [.. prediction.Findings, .. ofDrills],
            },
        ];

    private static ScenarioPrediction Of(
        Plan plan,
        Scenario scenario,
        IReadOnlyList<AssetPrediction> assets,
        StepTimes times
    )
    {
        var hit = assets.Where(asset => scenario.Affects.Contains(asset.Facts.Asset.Value) && CountsIn(plan, asset));
        var losses = hit.Select(asset => asset.Loss).ToList();
        ScenarioPrediction prediction = new()
        {
            Scenario = scenario,
            HitsData = losses.Count > 0,
            Loss = losses.Contains(null) ? null : losses.Max(),
        };
        if (plan.Runbooks.FirstOrDefault(runbook => runbook.Id.Value == scenario.Runbook) is { } runbook)
        {
            var predicted = RunbookPrediction.Of(runbook, assets, times);
            prediction = prediction with
            {
                CriticalPath = predicted.CriticalPath,
                Recovery = predicted.Time,
                Unknown = predicted.Unknown,
            };
        }
        return prediction with { Findings = [.. FindingsOf(prediction)] };
    }

    /// <summary>A server that comes back empty loses nothing that anybody wants.</summary>
    private static bool CountsIn(Plan plan, AssetPrediction asset) =>
        plan.FindAsset(asset.Facts.Asset) is not Asset.Redis { StartEmpty: true };

    private static IEnumerable<AssetFinding> FindingsOf(ScenarioPrediction prediction)
    {
        var (name, objectives) = (prediction.Scenario.Name, prediction.Scenario.Objectives);
        if (prediction.HitsData && objectives.Rpo is { } rpo && !(prediction.Loss <= rpo))
            yield return new AssetFinding(
                "scenario-loss-over-objective",
                IsRisk: true,
                $"{(prediction.Loss is { } loss ? Duration.Rough(loss) : "everything")} of an asset that it hits would be lost, and the plan allows {Duration.Rough(rpo)}",
                $"Run 'resurgam status {string.Join(' ', prediction.Scenario.Affects)}' for the assets behind it."
            );
        if (objectives.Rto is { } rto && prediction.Recovery is { } recovery && recovery.Likely > rto)
            yield return new AssetFinding(
                "scenario-recovery-over-objective",
                IsRisk: true,
                $"its runbook would take {Duration.Rough(recovery.Likely)}, and the plan allows {Duration.Rough(rto)}",
                $"The longest step is '{prediction.CriticalPath.MaxBy(step => step.Time.Likely)?.Step}'; see 'resurgam status --scenario {name}' for the critical path."
            );
        if (prediction.Unknown.Count > 0)
            yield return new AssetFinding(
                "scenario-without-times",
                IsRisk: false,
                $"nothing says how long {string.Join(", ", prediction.Unknown)} would take, so its time is more than is said",
                "Give these steps an 'estimate' in the plan, or drill the scenario: a drill measures them."
            );
    }
}
