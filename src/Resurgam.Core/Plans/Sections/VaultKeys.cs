using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>The vault.</summary>
internal static class VaultKeys
{
    public static readonly PlanKey<SecretSource> Secret = new("secret", SecretSection.Type)
    {
        IsRequired = true,
        Example = "{ env: RESURGAM_SECRET }",
        About = "Where the vault's secret is found. Never the secret itself.",
    };

    public static readonly PlanKey<ValueList<ReplicaPlace>> Replicas = new("replicas", ReplicaSection.Type)
    {
        DefaultInWords = "none",
        Example = "[{ name: far, store: s3://resurgam-far/vault, failure-domain: us-east-1 }]",
        About =
            "Other places with a copy of the whole vault: `resurgam vault copy` keeps them, and any command works in one with `--from NAME`.",
    };

    public static readonly PlanKey<TimeSpan?> ScrubWithin = OptionalKey.Span(
        "scrub-within",
        "30d",
        "Within so long every byte of the vault, and of each replica, is read back and checked: each `resurgam vault scrub` reads the share that is due.",
        "`30d`"
    );

    public static readonly PlanKey<TimeSpan?> OfflineWithin = OptionalKey.Span(
        "offline-within",
        "31d",
        "At least so often the vault is written to offline media, and every volume confirmed where it is kept: `resurgam vault media`. `resurgam status` tells when that is overdue.",
        "never asked for"
    );

    public static readonly PlanSection Section = new(
        "vault",
        "The vault.",
        [
            PlaceKeys.Store,
            Secret,
            PlaceKeys.S3,
            PlaceKeys.Azure,
            PlaceKeys.Bandwidth,
            PlaceKeys.FailureDomain,
            Replicas,
            ScrubWithin,
            OfflineWithin,
        ]
    );
}
