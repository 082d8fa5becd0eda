namespace Resurgam.Core.Plans.Checks;

/// <summary>Each scenario can be carried out, and is rehearsed.</summary>
internal static class ScenarioRules
{
    public static IEnumerable<Finding> Check(Plan plan) =>
        [
            .. plan.Scenarios.SelectMany(scenario => OfScenario(plan, scenario)),
            .. plan.Drills.SelectMany(drill => OfDrill(plan, drill)),
        ];

    private static IEnumerable<Finding> OfScenario(Plan plan, Scenario scenario)
    {
        var path = $"scenarios.{scenario.Name}";
        if (scenario.Runbook is null)
            yield return Found.Error(
                "scenario-without-runbook",
                path,
                $"scenario '{scenario.Name}' has no runbook",
                "Write the procedure below 'runbooks' and name it here: an objective without a way is a wish."
            );
        var drills = plan.Drills.Where(drill => drill.Scenario == scenario.Name).Select(drill => drill.Name).ToList();
        if (!plan.Schedules.Any(schedule => schedule.Drill is { } drill && drills.Contains(drill)))
            yield return Found.Warning(
                "scenario-never-drilled",
                path,
                $"no schedule rehearses scenario '{scenario.Name}'",
                drills.Count == 0
                    ? "Add a drill of it below 'drills', and a schedule with 'do: drill'."
                    : $"Add a schedule: {{ do: drill, drill: {drills[0]}, cron: '0 9 1 * *' }}."
            );
    }

    private static IEnumerable<Finding> OfDrill(Plan plan, Drill drill)
    {
        var path = $"drills.{drill.Name}";
        if (plan.Scenarios.All(scenario => scenario.Name != drill.Scenario))
            yield return Found.Error(
                "drill-without-scenario",
                $"{path}.scenario",
                $"drill '{drill.Name}' rehearses scenario '{drill.Scenario}', which the plan does not have",
                plan.Scenarios.Count == 0
                    ? "Add the scenario below 'scenarios'."
                    : $"Known: {string.Join(", ", plan.Scenarios.Select(scenario => scenario.Name))}."
            );
        if (drill.Success.Count == 0)
            yield return Found.Warning(
                "drill-cannot-fail",
                path,
                $"drill '{drill.Name}' does not say what must hold",
                "List below 'success' what must hold until the end: a drill that cannot fail proves nothing."
            );
    }
}
