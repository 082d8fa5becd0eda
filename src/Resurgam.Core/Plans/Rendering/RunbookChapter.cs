using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>The procedures, each under the scenarios that use it.</summary>
internal static class RunbookChapter
{
    public static IEnumerable<Block> Of(Plan plan)
    {
        if (plan.Runbooks.Count == 0)
            yield break;
        yield return new Block.Heading(2, "3. Runbooks");
        foreach (var block in TargetTable.Of(plan))
            yield return block;
        foreach (var (index, runbook) in plan.Runbooks.Index())
        {
            yield return new Block.Heading(3, $"3.{index + 1} {runbook.Title}");
            foreach (var scenario in plan.Scenarios.Where(each => each.Runbook == runbook.Id.Value))
            {
                yield return new Block.Paragraph(
                    $"For: {scenario.Title} (RTO {PlanDocument.Span(scenario.Objectives.Rto)}, RPO {PlanDocument.Span(scenario.Objectives.Rpo)})"
                );
                if (scenario.Symptoms.Count > 0)
                    yield return new Block.Items(scenario.Symptoms);
            }
            yield return new Block.Table(
                $"Steps of runbook {runbook.Id}",
                ["step", "what", "after", "done when", "estimate", "at most", "risk", "approval", "undone by"],
                [.. runbook.Steps.Select(Row)]
            );
            if (runbook.SteadyState.Count > 0)
                yield return new Block.Paragraph(
                    $"All is well when {string.Join("; ", runbook.SteadyState.Select(one => one.Describe()))}."
                );
            var forecast = RunForecast.Of(runbook);
            yield return new Block.Paragraph(
                $"Expected time: {Duration.Format(forecast.Predicted)}, the longest way being {string.Join(" → ", forecast.CriticalPath)}. Carried out with: resurgam run {runbook.Id}"
            );
        }
    }

    private static ValueList<string> Row(RunbookStep step) =>
        [
            $"{step.Id}: {step.Title}",
            WhatOf(step),
            PlanDocument.List(step.Needs.Select(need => need.Value)),
            step.Postcondition?.Describe() ?? "-",
            PlanDocument.Span(step.Estimate),
            // Nobody hurries a person.
            step.Action is StepAction.Approve
            || step.Action.IsForPeople
                ? "-"
                : PlanDocument.Span(step.Timeout),
            RunbookTypes.NameOf(step.Risk),
            step.Approval is { } rule ? Approval(rule) : "-",
            step.IsIrreversible ? "nothing: irreversible"
            : step.Undo is { } undo ? undo.Describe()
            : step.Action.UndoesItself ? "the action itself"
            : "-",
        ];

    private static string WhatOf(RunbookStep step) =>
        step.Action.Describe()
        + (step.Precondition is { } first ? $"; only when {first.Describe()}" : "")
        + (step.IsCritical ? "" : "; when it fails, the rest goes on");

    private static string Approval(ApprovalRule rule) =>
        $"{(rule.By.Count == 0 ? "anybody" : PlanDocument.List(rule.By))}{(rule.IsTwoPerson ? ", not who asked" : "")}";
}
