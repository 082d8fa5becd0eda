namespace Resurgam.Core.Plans.Checks;

/// <summary>A recovery set can be named, and be of one moment.</summary>
internal static class RecoverySetRules
{
    public static IEnumerable<Finding> Check(Plan plan)
    {
        foreach (var set in plan.RecoverySets)
        {
            var path = $"recovery-sets.{set.Name}";
            if (plan.Assets.Any(asset => asset.Id.Value == set.Name))
                yield return Found.Error(
                    "recovery-set-name",
                    path,
                    $"an asset is called '{set.Name}', too: 'backup {set.Name}' means the asset, and the set can never be captured",
                    "Give the set a name of its own."
                );
            var moving = set
                .Assets.Select(name => plan.Assets.FirstOrDefault(asset => asset.Id.Value == name))
                .Where(asset => asset is not (null or Asset.Postgres or Asset.Redis or Asset.Secret))
                .ToList();
            if (set.Barrier is null && moving.Count > 1)
                yield return Found.Warning(
                    "recovery-set-without-barrier",
                    path,
                    $"{string.Join(", ", moving.Select(asset => asset?.Id.Value))} have no stream, so each is as of its own snapshot, and they are written on meanwhile",
                    "Add a 'barrier' that stops all writing for the moment, or take it that they are seconds apart: the ledger says how many."
                );
        }
    }
}
