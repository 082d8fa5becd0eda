namespace Resurgam.Core.Plans.Sections;

/// <summary>Another place with a copy of the vault.</summary>
internal static class ReplicaKeys
{
    public static readonly PlanKey<string> Name = new("name", ReplicaSection.NameType)
    {
        IsRequired = true,
        Example = "far",
        About = "What commands call the replica: 1 to 40 of `a-z 0-9 - _`, and not `primary`.",
    };

    public static readonly PlanSection Section = new(
        "vault.replicas[]",
        "A place with a copy of the whole vault.",
        [Name, PlaceKeys.Store, PlaceKeys.S3, PlaceKeys.Azure, PlaceKeys.Bandwidth, PlaceKeys.FailureDomain]
    );
}
