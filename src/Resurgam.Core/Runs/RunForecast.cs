using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>How long a runbook takes by its estimates: its longest way. A step without an estimate counts nothing, and is named.</summary>
/// <param name="CriticalPath">The steps of the longest way, first to last.</param>
public sealed record RunForecast(TimeSpan Predicted, ValueList<StepId> CriticalPath, ValueList<StepId> WithoutEstimate)
{
    public static RunForecast Of(Runbook runbook)
    {
        var (end, path) = LongestWay(runbook, step => step.Estimate ?? TimeSpan.Zero);
        return new RunForecast(
            end,
            [.. path],
            [.. runbook.Steps.Where(step => step.Estimate is null).Select(step => step.Id)]
        );
    }

    /// <summary>The way through the needs that takes the longest: what the whole takes, when each step begins as soon as it may.</summary>
    internal static (TimeSpan End, IReadOnlyList<StepId> Path) LongestWay(
        Runbook runbook,
        Func<RunbookStep, TimeSpan> timeOf
    )
    {
        Dictionary<StepId, (TimeSpan End, StepId? Before)> ends = [];
        // Each pass settles at least one step more: the needs have no circle.
        while (ends.Count < runbook.Steps.Count)
            foreach (var step in runbook.Steps)
                if (!ends.ContainsKey(step.Id) && step.Needs.All(ends.ContainsKey))
                {
                    StepId? before = step.Needs.Count == 0 ? null : step.Needs.MaxBy(need => ends[need].End);
                    var begin = before is { } last ? ends[last].End : TimeSpan.Zero;
                    ends[step.Id] = (begin + timeOf(step), before);
                }
        List<StepId> path = [];
        for (StepId? at = ends.MaxBy(end => end.Value.End).Key; at is { } id; at = ends[id].Before)
            path.Insert(0, id);
        return (ends.Values.Max(end => end.End), path);
    }
}
