using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>The rehearsals: when, and how each is carried out.</summary>
internal static class DrillChapter
{
    public static IEnumerable<Block> Of(Plan plan)
    {
        if (plan.Drills.Count == 0)
            yield break;
        yield return new Block.Heading(2, "4. Drills");
        yield return new Block.Table(
            "Drills",
            ["drill", "scenario", "when", "passes only if", "cut off when"],
            [.. plan.Drills.Select(drill => Row(plan, drill))]
        );
        foreach (var (index, drill) in plan.Drills.Where(drill => drill.Text.Length > 0).Index())
        {
            yield return new Block.Heading(3, $"4.{index + 1} {drill.Title}");
            yield return new Block.Items([.. Procedure(plan, drill)]);
            yield return new Block.Paragraph($"Carried out with: resurgam drill {drill.Name}");
        }
    }

    private static ValueList<string> Row(Plan plan, Drill drill) =>
        [
            drill.Title,
            drill.Scenario,
            PlanDocument.List(
                plan.Schedules.Where(each => each.Drill == drill.Name).Select(each => each.Cron.ToString())
            ),
            string.Join("; ", drill.Success),
            string.Join("; ", drill.AbortWhen),
        ];

    private static IEnumerable<string> Procedure(Plan plan, Drill drill)
    {
        if (drill.Prepare.Count > 0)
            yield return $"In a place of its own: {WordsOf(drill.Prepare)}.";
        if (drill.Inject.Count > 0)
            yield return $"Broken, and the clock begins: {WordsOf(drill.Inject)}.";
        var scenario = plan.Scenarios.FirstOrDefault(one => one.Name == drill.Scenario);
        if (plan.Runbooks.FirstOrDefault(one => one.Id.Value == scenario?.Runbook) is { } runbook)
        {
            var left = runbook
                .Steps.Where(step => !step.TakesTimeInDrill)
                .GroupBy(step => step.WhyNotInDrill ?? "taken for approved")
                .Select(group => $"{PlanDocument.List(group.Select(step => step.Id.Value))} ({group.Key})");
            yield return $"Recovered by: {runbook.Title}{(left.Any() ? $", without {string.Join("; ", left)}" : "")}.";
        }
        if (drill.From is { } replica)
            yield return $"Restored from: {replica}, as if the vault's own place were gone.";
        if (drill.Holds.Count > 0)
            yield return $"Must hold{(scenario?.Objectives.Rto is { } rto ? $" within {Duration.Format(rto)}" : "")}, and for {Duration.Format(drill.HoldFor)}: {string.Join("; ", drill.Holds.Select(one => one.Describe()))}.";
        if (drill.NewestAfter is { } newest)
            yield return $"The loss is measured by the newest data that {newest.On} has: {newest.Query}.";
        yield return "At the end all of it is undone.";
        yield return "All of this is done in places of its own, beside the platform: nobody's work is touched, and no maintenance window has to be agreed.";
    }

    private static string WordsOf(IEnumerable<RunbookStep> steps) =>
        string.Join("; ", steps.Select(step => step.Action.Describe()));
}
