using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>What is promised in one place is not taken back in another.</summary>
internal static class ObjectiveRules
{
    private const string Contradict = "objectives-contradict";

    public static IEnumerable<Finding> Check(Plan plan) =>
        [
            .. plan.Scenarios.SelectMany(scenario => OfScenario(plan, scenario)),
            .. plan.Assets.SelectMany(asset => OfAsset(plan, asset)),
        ];

    private static IEnumerable<Finding> OfScenario(Plan plan, Scenario scenario)
    {
        var path = $"scenarios.{scenario.Name}";
        var (rto, rpo, mtpd) = scenario.Objectives;
        if (rto is null || rpo is null)
            yield return Found.Warning(
                "scenario-without-objective",
                path,
                $"scenario '{scenario.Name}' has no {(rto is null ? "rto" : "rpo")}",
                "Say how long it may be down (rto) and how much data it may cost (rpo): without them no drill can fail."
            );
        if (rto > plan.Objectives?.Rto)
            yield return Wider($"{path}.rto", "rto", rto.Value, plan.Objectives.Rto.Value);
        if (rpo > plan.Objectives?.Rpo)
            yield return Wider($"{path}.rpo", "rpo", rpo.Value, plan.Objectives.Rpo.Value);
        if (rto > (mtpd ?? plan.Objectives?.Mtpd))
            yield return Found.Error(
                Contradict,
                $"{path}.rto",
                $"scenario '{scenario.Name}' may be down for {Duration.Format(rto.Value)}, and the business does not survive that (mtpd)",
                "Lower the rto below the mtpd, or find out what the business really survives."
            );
        foreach (var name in scenario.Affects)
            if (
                rpo == TimeSpan.Zero
                && plan.Assets.FirstOrDefault(asset => asset.Id.Value == name) is { } asset and not Asset.Postgres
            )
                yield return Found.Error(
                    "zero-loss-without-stream",
                    $"{path}.rpo",
                    $"scenario '{scenario.Name}' promises no loss at all of '{name}', which is copied from time to time ({asset.Kind})",
                    "Promise the interval of its backups, or leave the asset out of 'affects' when its loss does not count."
                );
    }

    private static Finding Wider(string path, string what, TimeSpan here, TimeSpan whole) =>
        Found.Error(
            Contradict,
            path,
            $"{path} is {Duration.Format(here)}, and objectives.{what} promises {Duration.Format(whole)} for everything",
            "Widen the objective of the whole to the widest scenario, or tighten the scenario: people will quote the one that suits them."
        );

    private static IEnumerable<Finding> OfAsset(Plan plan, Asset asset)
    {
        var path = $"assets.{asset.Id}";
        if (plan.Scenarios.Count + plan.Schedules.Count > 0 && asset.Rpo is null)
            yield return Found.Warning(
                "asset-without-rpo",
                path,
                $"asset '{asset.Id}' has no rpo",
                "Say how much of it may be lost, as time, so that 'status' can warn before there is a disaster: rpo: 1h."
            );
        foreach (var scenario in plan.Scenarios.Where(each => each.Affects.Contains(asset.Id.Value)))
            if (asset.Rpo > scenario.Objectives.Rpo)
                yield return Found.Error(
                    Contradict,
                    $"{path}.rpo",
                    $"asset '{asset.Id}' may lose {Duration.Format(asset.Rpo.Value)}, and scenario '{scenario.Name}', which hits it, {Duration.Format(scenario.Objectives.Rpo.Value)}",
                    "Let the asset promise no more loss than every scenario that hits it."
                );
    }
}
