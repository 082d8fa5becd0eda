using Resurgam.Core.Predictions;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Drills;

/// <summary>How long a drill will take from its fault until all conditions hold.</summary>
/// <param name="Least">With luck.</param>
/// <param name="Most">On a bad day.</param>
/// <param name="Drills">Drills that were measured; 0: by the estimates of the runbook, the longest way through the steps that a drill does.</param>
public sealed record DrillPrediction(TimeSpan Likely, TimeSpan Least, TimeSpan Most, int Drills)
{
    /// <summary>From so many on, those whose size is known tell more than all.</summary>
    private const int EnoughSized = 3;

    /// <param name="past">Of this drill alone: another one does other things.</param>
    /// <param name="restoredBytes">How much it will restore; null when that is nothing, or not known.</param>
    public static DrillPrediction Of(Runbook runbook, IEnumerable<DrillRecord> past, long? restoredBytes)
    {
        DurationSample[] measured =
        [
            .. past.Select(record => record.Ending)
                .OfType<DrillEnding>()
                .Where(ending => ending.Recovery is not null)
                .Select(ending => new DurationSample(ending.RestoredBytes, ending.Recovery.GetValueOrDefault())),
        ];
        DurationSample[] sized = [.. measured.Where(sample => sample.Size is not null)];
        var isSized = restoredBytes is not null && sized.Length >= EnoughSized;
        if (DurationModel.Predict(isSized ? sized : measured, isSized ? restoredBytes : null) is { } learned)
            return new DrillPrediction(learned.Likely, learned.Least, learned.Most, learned.Samples);
        var estimated = RunbookPrediction.Of(runbook, [], StepTimes.None, isDrill: true).Time;
        return new DrillPrediction(estimated.Likely, estimated.Least, estimated.Most, Drills: 0);
    }
}
