using Resurgam.Core.Assets;

namespace Resurgam.Core.Plans.Checks;

/// <summary>A copy is of no use without its key.</summary>
internal static class KeyRules
{
    public static IEnumerable<Finding> Check(Plan plan) =>
        [
            .. plan.Keys.SelectMany(key => OfKey(key)),
            .. plan.Assets.SelectMany(asset => OfAsset(plan, asset)),
            .. plan.Assets.OfType<Asset.Files>().SelectMany(asset => OfFolder(plan, asset)),
        ];

    private static IEnumerable<Finding> OfKey(KeptKey key)
    {
        // What the key opens cannot give the key back, and what lies in the vault not the key of the vault.
        var opensVault = key.Opens.Contains("vault");
        var isApart = key.BackedUpIn.Any(asset => !opensVault && !key.Opens.Contains(asset));
        if (!isApart && key.Escrow.Count == 0)
            yield return Found.Error(
                "key-without-copy",
                $"keys.{key.Name}",
                key.BackedUpIn.Count == 0
                    ? $"key '{key.Name}' is in no backup"
                    : $"key '{key.Name}' lies only in what it opens itself",
                "Back it up in another asset ('backed-up-in'), or lay it down elsewhere ('escrow'): with it everything that it opens is lost."
            );
        else if (opensVault && key.Escrow.Count < 2)
            yield return Found.Warning(
                "key-in-one-place",
                $"keys.{key.Name}",
                $"key '{key.Name}' opens the vault, and has one place outside of it",
                "Name a second place in 'escrow': one safe can burn."
            );
    }

    /// <summary>Each backup would store the ones before it.</summary>
    private static IEnumerable<Finding> OfFolder(Plan plan, Asset.Files asset)
    {
        foreach (var place in plan.Vault.Replicas.Select(replica => replica.Place).Prepend(plan.Vault.Primary))
            if (place.Store.Kind == StoreKind.Folder && Holds(asset, place.Store.Value))
                yield return Found.Error(
                    "vault-in-asset",
                    $"assets.{asset.Id}.path",
                    $"the folder of asset '{asset.Id}' holds {place.Store}, so that each backup stores the backups before it",
                    "Keep the vault elsewhere, or name its folder in the asset's 'exclude'."
                );
    }

    private static bool Holds(Asset.Files asset, string store)
    {
        var folder = asset.Path.TrimEnd('/') + '/';
        if (!(store + '/').StartsWith(folder, StringComparison.Ordinal))
            return false;
        // A folder that is left out is left out with all below it.
        string[] names = store[Math.Min(folder.Length, store.Length)..]
            .Split('/', StringSplitOptions.RemoveEmptyEntries);
        var patterns = asset.Exclude.Select(ExcludePattern.Parse).ToList();
        return !Enumerable
            .Range(1, names.Length)
            .Any(count => patterns.Any(pattern => pattern.Fits(string.Join('/', names.Take(count)))));
    }

    /// <summary>The copy goes the way of the original.</summary>
    private static IEnumerable<Finding> OfAsset(Plan plan, Asset asset)
    {
        var copies = FailureDomains.OfCopies(plan);
        if (
            asset.FailureDomain is { } domain
            && copies.Count > 0
            && copies.All(copy => string.Equals(copy, domain, StringComparison.OrdinalIgnoreCase))
        )
            yield return Found.Error(
                "backup-in-same-domain",
                $"assets.{asset.Id}.failure-domain",
                $"asset '{asset.Id}' and every copy of it stand in '{domain}': they are lost together",
                "Add a replica of the vault elsewhere, below 'vault.replicas', with its own 'failure-domain'."
            );
    }
}
