using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Predictions;

/// <summary>If a disaster of the plan happened now: what would be lost, and how long its runbook would take.</summary>
/// <remarks>
/// The runbook's longest way. A restore takes what the asset's own prediction says; any other step what it took in runs and
/// drills; and what nobody has measured, what the plan estimates.
/// </remarks>
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
            var steps = runbook.Steps.ToDictionary(step => step.Id, step => TimeOf(runbook, step, assets, times));
            var path = LongestWay(runbook, steps);
            prediction = prediction with
            {
                CriticalPath = path,
                Recovery = path.Skip(1).Aggregate(path[0].Time, (sum, step) => sum + step.Time),
                Unknown = [.. steps.Where(step => step.Value is null).Select(step => step.Key)],
            };
        }
        return prediction with { Findings = [.. FindingsOf(prediction)] };
    }

    /// <summary>A server that comes back empty loses nothing that anybody wants.</summary>
    private static bool CountsIn(Plan plan, AssetPrediction asset) =>
        plan.FindAsset(asset.Facts.Asset) is not Asset.Redis { StartEmpty: true };

    private static ScenarioStep? TimeOf(
        Runbook runbook,
        RunbookStep step,
        IReadOnlyList<AssetPrediction> assets,
        StepTimes times
    )
    {
        if (step.Action is StepAction.VaultRestore restore && RestoreTime(restore, assets) is { } predicted)
            return new ScenarioStep(step.Id, step.Title, predicted, TimeSource.Prediction);
        if (times.Predict(runbook.Id, step.Id) is { } learned)
            return new ScenarioStep(step.Id, step.Title, learned, TimeSource.Runs);
        return step.Estimate is { } written
            ? new ScenarioStep(
                step.Id,
                step.Title,
                new Estimate(written, Least: written / 2, Most: written * 2, Samples: 0),
                TimeSource.Plan
            )
            : null;
    }

    private static Estimate? RestoreTime(StepAction.VaultRestore restore, IReadOnlyList<AssetPrediction> assets) =>
        assets.FirstOrDefault(asset => asset.Facts.Asset.Value == restore.Of) is not { Recovery: { } whole } prediction
            ? null
        : restore.Start ? whole
        : prediction.Steps.FirstOrDefault(step => step.Step == RecoverySteps.Restore)?.Time;

    private static List<ScenarioStep> LongestWay(Runbook runbook, Dictionary<StepId, ScenarioStep?> times)
    {
        Dictionary<StepId, (TimeSpan End, StepId? Before)> ends = [];
        // Each pass settles at least one step more: the needs have no circle.
        while (ends.Count < runbook.Steps.Count)
            foreach (var step in runbook.Steps)
                if (!ends.ContainsKey(step.Id) && step.Needs.All(ends.ContainsKey))
                {
                    StepId? before = step.Needs.Count == 0 ? null : step.Needs.MaxBy(need => ends[need].End);
                    var begin = before is { } last ? ends[last].End : TimeSpan.Zero;
                    ends[step.Id] = (begin + (times[step.Id]?.Time.Likely ?? TimeSpan.Zero), before);
                }
        List<ScenarioStep> path = [];
        for (StepId? at = ends.MaxBy(end => end.Value.End).Key; at is { } id; at = ends[id].Before)
            path.Insert(0, times[id] ?? ScenarioStep.WithoutTime(runbook.Steps.First(step => step.Id == id)));
        return path;
    }

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

/// <param name="Time">Nothing at all when nobody knows.</param>
public sealed record ScenarioStep(StepId Step, string Title, Estimate Time, TimeSource Source)
{
    internal static ScenarioStep WithoutTime(RunbookStep step) => new(step.Id, step.Title, default, TimeSource.Nobody);
}

/// <summary>Who says how long a step takes.</summary>
public enum TimeSource
{
    /// <summary>Measured verifications and restores of its asset.</summary>
    Prediction,

    /// <summary>Runs and drills of its runbook.</summary>
    Runs,

    /// <summary>Its estimate.</summary>
    Plan,

    Nobody,
}
