using Resurgam.Core.Values;
using Resurgam.Drills;

namespace Resurgam.Runs;

/// <summary>Runs for people.</summary>
internal static class RunText
{
    public static void Write(TextWriter text, RunDocument run)
    {
        text.WriteLine($"{run.Title}{(run.Drill ? " (drill)" : "")}: {run.State}");
        text.WriteLine($"  run       {run.Run}");
        text.WriteLine($"  begun     {run.BegunAt:yyyy-MM-dd HH:mm:ss}Z by {run.Requester}: {run.Reason}");
        if (run.EndedAt is { } ended)
            text.WriteLine(
                $"  ended     {ended:yyyy-MM-dd HH:mm:ss}Z after {Duration.Format(Whole(ended - run.BegunAt))}"
            );
        else if (run.Leader.Length > 0)
            text.WriteLine($"  led by    {run.Leader}");
        foreach (var word in run.Words)
            text.WriteLine(
                $"  said      {word.At:yyyy-MM-dd HH:mm:ss}Z {word.Person}{(word.BreakGlass ? ", breaking the glass," : "")} {word.Word} {word.Step ?? "the run"}{(word.KeepsEffects ? ", undoing nothing" : "")}: {word.Reason}"
            );
        foreach (var step in run.Steps)
        {
            var took = step is { StartedAt: { } from, EndedAt: { } to }
                ? $" ({Duration.Format(Whole(to - from))})"
                : "";
            text.WriteLine($"  {step.Status, -12} {step.Step}: {step.What ?? step.Action}{took}");
            if (step.Undo is { } undo)
                text.WriteLine($"  {"", -12} undo {undo}");
        }
        if (run.SteadyState is { } steady)
            text.WriteLine($"  {(steady.Holds ? "steady" : "NOT STEADY"), -12} {steady.What}");
        foreach (var word in run.BreakGlass)
            text.WriteLine($"  BREAK-GLASS  {word.Person} {word.Word} {word.Step}: {word.Reason}");
        if (run.Review == "wanted")
            text.WriteLine($"  review       another person looks at it: resurgam runs review {run.Run} --reason TEXT");
        foreach (var wait in run.Waits)
            text.WriteLine($"  waits        {wait.Step}: {wait.Hint}");
        if (run.Next is { } next)
            text.WriteLine($"  next         {next}");
    }

    /// <summary>One line, and one more for why it is no better.</summary>
    public static void Write(TextWriter text, RunLineView run)
    {
        var begun = run.BegunAt is { } at ? $"{at:yyyy-MM-dd HH:mm:ss}Z" : "";
        var review = run.Review switch
        {
            null => "",
            "wanted" => "  BREAK-GLASS, to be reviewed",
            _ => "  BREAK-GLASS, reviewed",
        };
        text.WriteLine(
            $"{begun, -20}  {run.State, -10} {(run.Drill == true ? "drill" : ""), -6} {run.Run}  {run.Requester}{review}"
        );
        if (run.Problem is { } problem)
            text.WriteLine($"{"", 22}{problem.What} ({problem.Code})");
    }

    public static void Write(TextWriter text, RunPlanDocument plan)
    {
        text.WriteLine($"{plan.Title}{(plan.Drill ? " (drill)" : "")}: nothing was touched");
        foreach (var step in plan.Steps)
        {
            var needs = step.Needs.Count > 0 ? $", after {string.Join(", ", step.Needs)}" : "";
            var time = step.Predicted is { } span
                ? $", about {Duration.Rough(span)}{(step.PredictedFrom == "plan" ? "" : " as measured")}"
                : "";
            text.WriteLine($"  {step.Step}: {step.Action}{needs}{time}");
            text.WriteLine($"    now: {step.Now}");
            if (step.Approval is { } approval)
                text.WriteLine($"    approval: {approval}; risk {step.Risk}");
            text.WriteLine($"    undo: {step.Undo ?? "none"}");
        }
        var predicted =
            $"{Duration.Rough(plan.Predicted)} ({Duration.Rough(plan.PredictedLeast)} to {Duration.Rough(plan.PredictedMost)})";
        text.WriteLine(
            plan.PredictedFromDrills > 0
                ? $"predicted: {predicted} from the fault on, {DrillText.From(plan.PredictedFromDrills)}"
                : $"predicted: {predicted} along {string.Join(" → ", plan.CriticalPath)}"
        );
        if (plan.WithoutEstimate.Count > 0)
            text.WriteLine(
                $"nobody knows how long these take, so they are not in it: {string.Join(", ", plan.WithoutEstimate)}"
            );
    }

    private static TimeSpan Whole(TimeSpan span) =>
        span < TimeSpan.FromSeconds(10)
            ? TimeSpan.FromMilliseconds(Math.Round(span.TotalMilliseconds))
            : TimeSpan.FromSeconds(Math.Round(span.TotalSeconds));
}
