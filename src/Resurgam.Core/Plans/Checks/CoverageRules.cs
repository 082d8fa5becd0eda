namespace Resurgam.Core.Plans.Checks;

/// <summary>What the plan names is covered by a scenario. A plan without scenarios is not asked.</summary>
internal static class CoverageRules
{
    public static IEnumerable<Finding> Check(Plan plan)
    {
        var hit = plan.Scenarios.SelectMany(scenario => scenario.Affects).ToHashSet(StringComparer.Ordinal);
        var isAsked = plan.Scenarios.Count > 0;
        return
        [
            .. plan
                .Assets.Where(asset => isAsked && !hit.Contains(asset.Id.Value))
                .Select(asset => Uncovered("asset-without-scenario", "assets", "asset", asset.Id.Value)),
            .. plan
                .Services.Where(service => isAsked && !hit.Contains(service.Name))
                .Select(service => Uncovered("service-without-scenario", "services", "service", service.Name)),
            .. plan
                .Dependencies.Where(dependency => dependency.Fallback is null && !hit.Contains(dependency.Name))
                .Select(Unthought),
            .. plan.Services.Where(service => IsInACircle(plan, service)).Select(Circle),
        ];
    }

    private static Finding Uncovered(string code, string section, string what, string name) =>
        Found.Warning(
            code,
            $"{section}.{name}",
            $"no scenario hits {what} '{name}'",
            $"Add '{name}' to 'affects' of the scenarios in which it is down: only then is its recovery planned and predicted."
        );

    private static Finding Unthought(Dependency dependency) =>
        Found.Warning(
            "dependency-without-scenario",
            $"dependencies.{dependency.Name}",
            $"nobody has said what happens while '{dependency.Name}' is away",
            "Add 'fallback', or name it in 'affects' of a scenario."
        );

    private static Finding Circle(ServicePlan service) =>
        Found.Error(
            "needs-in-a-circle",
            $"services.{service.Name}.needs",
            $"service '{service.Name}' needs itself, through others",
            "Break the circle: services start in the order of their needs, and this one would never start."
        );

    private static bool IsInACircle(Plan plan, ServicePlan service)
    {
        HashSet<string> seen = [];
        Stack<string> open = new(service.Needs);
        while (open.TryPop(out var name))
        {
            if (name == service.Name)
                return true;
            if (seen.Add(name) && plan.Services.FirstOrDefault(each => each.Name == name) is { } next)
                foreach (var need in next.Needs)
                    open.Push(need);
        }
        return false;
    }
}
