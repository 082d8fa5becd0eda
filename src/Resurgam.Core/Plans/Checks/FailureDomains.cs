namespace Resurgam.Core.Plans.Checks;

/// <summary>Where copies live, by what is lost together.</summary>
internal static class FailureDomains
{
    /// <summary>Of the vault and its replicas; without those that do not say.</summary>
    public static IReadOnlyList<string> OfCopies(Plan plan) =>
        [
            .. plan
                .Vault.Replicas.Select(replica => replica.Place)
                .Prepend(plan.Vault.Primary)
                .Select(place => place.FailureDomain)
                .OfType<string>(),
        ];
}
