using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>How long a runbook takes by its estimates: its longest way. A step without an estimate counts nothing, and is named.</summary>
/// <param name="CriticalPath">The steps of the longest way, first to last.</param>
public sealed record RunForecast(TimeSpan Predicted, ValueList<StepId> CriticalPath, ValueList<StepId> WithoutEstimate)
{
    public static RunForecast Of(Runbook runbook)
    {
        Dictionary<StepId, (TimeSpan End, StepId? Before)> ends = [];
        // Each pass settles at least one step more: the needs have no circle.
        while (ends.Count < runbook.Steps.Count)
            foreach (var step in runbook.Steps)
                if (!ends.ContainsKey(step.Id) && step.Needs.All(ends.ContainsKey))
                {
                    StepId? before = step.Needs.Count == 0 ? null : step.Needs.MaxBy(need => ends[need].End);
                    var begin = before is { } last ? ends[last].End : TimeSpan.Zero;
                    ends[step.Id] = (begin + (step.Estimate ?? TimeSpan.Zero), before);
                }
        List<StepId> path = [];
        for (StepId? at = ends.MaxBy(end => end.Value.End).Key; at is { } id; at = ends[id].Before)
            path.Insert(0, id);
        return new RunForecast(
            ends.Values.Max(end => end.End),
            [.. path],
            [.. runbook.Steps.Where(step => step.Estimate is null).Select(step => step.Id)]
        );
    }
}
