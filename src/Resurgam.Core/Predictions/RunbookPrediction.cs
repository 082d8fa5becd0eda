using Resurgam.Core.Runs;

namespace Resurgam.Core.Predictions;

/// <summary>How long a runbook would take now: its longest way.</summary>
/// <remarks>
/// A restore takes what the asset's own prediction says; any other step what it took in runs and drills; and what nobody
/// has measured, what the plan estimates.
/// </remarks>
/// <param name="CriticalPath">First to last.</param>
/// <param name="Steps">All of the runbook; null of what nobody knows.</param>
public sealed record RunbookPrediction(
    Estimate Time,
    IReadOnlyList<ScenarioStep> CriticalPath,
    IReadOnlyDictionary<StepId, ScenarioStep?> Steps
)
{
    /// <summary>Steps of which neither a measurement nor an estimate says how long they take: they count nothing.</summary>
    public IReadOnlyList<StepId> Unknown => [.. Steps.Where(step => step.Value is null).Select(step => step.Key)];

    /// <param name="assets">As they were seen; of what is not among them the plan's estimate counts.</param>
    /// <param name="isDrill">What a drill leaves out, and what waits for people, takes no time.</param>
    public static RunbookPrediction Of(
        Runbook runbook,
        IReadOnlyList<AssetPrediction> assets,
        StepTimes times,
        bool isDrill = false
    )
    {
        var steps = runbook.Steps.ToDictionary(
            step => step.Id,
            step =>
                isDrill && !step.TakesTimeInDrill
                    ? new ScenarioStep(step.Id, step.Title, default, TimeSource.Nobody)
                    : TimeOf(runbook, step, assets, times)
        );
        var path = LongestWay(runbook, steps);
        return new RunbookPrediction(path.Skip(1).Aggregate(path[0].Time, (sum, step) => sum + step.Time), path, steps);
    }

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

    private static List<ScenarioStep> LongestWay(Runbook runbook, Dictionary<StepId, ScenarioStep?> times) =>
        [
            .. RunForecast
                .LongestWay(runbook, step => times[step.Id]?.Time.Likely ?? TimeSpan.Zero)
                .Path.Select(id => times[id] ?? ScenarioStep.WithoutTime(runbook.Steps.First(step => step.Id == id))),
        ];
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
