using Resurgam.Core.Drills;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Plans.Checks;

/// <summary>Each drill could begin: what refuses it when it is due is found while somebody has the time to mend it.</summary>
internal static class DrillRules
{
    public static IEnumerable<Finding> Check(Plan plan) => plan.Drills.SelectMany(drill => OfDrill(plan, drill));

    private static IEnumerable<Finding> OfDrill(Plan plan, Drill drill)
    {
        // Without one of these it does not begin either, which has findings of its own.
        if (
            plan.Scenarios.FirstOrDefault(one => one.Name == drill.Scenario) is not { } scenario
            || plan.Runbooks.FirstOrDefault(one => one.Id.Value == scenario.Runbook) is not { } runbook
        )
            return [];
        try
        {
            var composed = DrillComposition.Compose(drill, runbook, scenario.Objectives.Rto);
            return
            [
                .. new DrillGuard(plan, composed, _ => null)
                    .Refusals()
                    .Select(refusal => Refused(drill, PathOf(drill, runbook, refusal.Step), refusal.Problem)),
            ];
        }
        catch (ResurgamException e)
        {
            return [Refused(drill, PathOf(drill, runbook, step: null), e.Problem)];
        }
    }

    private static Finding Refused(Drill drill, string path, Problem problem) =>
        Found.Error(
            "drill-refused",
            path,
            $"drill '{drill.Name}' would not begin: {problem.What[DrillProblems.Begin.Length..]}",
            problem.Hint
        );

    /// <summary>Where the step is written that the composed runbook calls so.</summary>
    private static string PathOf(Drill drill, Runbook runbook, StepId? step)
    {
        var path = $"drills.{drill.Name}";
        return step is not { } id ? path
            : drill.Prepare.FirstOrDefault(one => DrillComposition.PreparedName(one) == id) is { } prepared
                ? $"{path}.prepare.{prepared.Id}"
            : drill.Inject.FirstOrDefault(one => DrillComposition.FaultName(one) == id) is { } fault
                ? $"{path}.inject.{fault.Id}"
            : runbook.FindStep(id) is not null ? $"runbooks.{runbook.Id}.steps.{id}"
            : path;
    }
}
