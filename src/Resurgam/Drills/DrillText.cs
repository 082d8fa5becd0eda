using Resurgam.Core.Drills;
using Resurgam.Core.Values;

namespace Resurgam.Drills;

/// <summary>Reports of drills for people at a terminal.</summary>
internal static class DrillText
{
    public static void Write(TextWriter text, DrillReport report)
    {
        text.WriteLine($"{report.Title}: {(report.Passed ? "passed" : "FAILED")}");
        foreach (var reason in report.Reasons)
            text.WriteLine($"  because    {reason}");
        text.WriteLine($"  drill      {report.Drill}, of scenario {report.Scenario}; run {report.Run}");
        text.WriteLine($"  begun      {report.BegunAt:yyyy-MM-dd HH:mm:ss}Z by {report.Requester}: {report.Reason}");
        if (report.FaultAt is { } fault)
            text.WriteLine($"  fault      {fault:yyyy-MM-dd HH:mm:ss}Z");
        foreach (var objective in report.Objectives)
            text.WriteLine(
                $"  {objective.Name, -10} {Span(objective.Measured)}, promised {Duration.Rough(objective.Promised)}: {Verdict(objective.IsMet)}"
            );
        if (report.Recovery is { } recovery && report.Objectives.All(objective => objective.Name != "RTO"))
            text.WriteLine($"  recovery   {Duration.Rough(recovery)}");
        text.WriteLine(
            $"  predicted  {Duration.Rough(report.Prediction.Predicted)} {(report.Prediction.Drills == 0 ? "by estimates" : From(report.Prediction.Drills))}{(report.Prediction.ErrorPercent is { } error ? $", {error} % off" : "")}"
        );
        foreach (var step in report.Steps)
        {
            var took = step.Took is { } span ? $" ({Duration.Rough(span)})" : "";
            text.WriteLine($"  {step.Status, -10} {step.Step}: {step.What ?? step.Action}{took}");
            if (step.Undo is { } undo)
                text.WriteLine($"  {"", -10} undo: {undo}");
        }
    }

    public static string From(int drills) => drills == 1 ? "from 1 drill" : $"from {drills} drills";

    private static string Verdict(bool? isMet) =>
        isMet switch
        {
            true => "met",
            false => "MISSED",
            null => "not measured by this drill",
        };

    private static string Span(TimeSpan? span) => span is { } value ? Duration.Rough(value) : "-";
}
