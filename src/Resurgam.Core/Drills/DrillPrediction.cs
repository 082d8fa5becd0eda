using Resurgam.Core.Predictions;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Drills;

/// <summary>How long a drill will take from its fault until all conditions hold.</summary>
/// <param name="Least">With luck.</param>
/// <param name="Most">On a bad day.</param>
/// <param name="Drills">Drills that were measured; 0: by the estimates of the runbook, the longest way through the steps that a drill does.</param>
public sealed record DrillPrediction(TimeSpan Likely, TimeSpan Least, TimeSpan Most, int Drills)
{
    /// <param name="past">Of this drill alone: another one does other things.</param>
    public static DrillPrediction Of(Runbook runbook, IEnumerable<DrillRecord> past)
    {
        DurationSample[] measured =
        [
            .. past.Select(record => record.Ending?.Recovery)
                .OfType<TimeSpan>()
                .Select(recovery => new DurationSample(null, recovery)),
        ];
        if (DurationModel.Predict(measured, size: null) is { } learned)
            return new DrillPrediction(learned.Likely, learned.Least, learned.Most, learned.Samples);
        var estimated = RunForecast.Of(runbook with { Steps = [.. runbook.Steps.Select(InDrill)] }).Predicted;
        return new DrillPrediction(estimated, estimated, estimated, Drills: 0);
    }

    private static RunbookStep InDrill(RunbookStep step) =>
        step.InDrill == DrillBehaviour.Skip || step.Action.IsForPeople ? step with { Estimate = TimeSpan.Zero } : step;
}
