namespace Resurgam.Core.Plans.Sections;

/// <summary>The vault.</summary>
internal static class VaultKeys
{
    public static readonly PlanKey<StoreAddress> Store = new("store", PlanTypes.Store)
    {
        IsRequired = true,
        Example = "file:///srv/vault",
        About =
            "A folder: `file:///srv/vault`, or `file:./vault` beside the plan file. Or a bucket, or a part of one: `s3://BUCKET/PREFIX`.",
    };

    public static readonly PlanKey<SecretSource> Secret = new("secret", SecretSection.Type)
    {
        IsRequired = true,
        Example = "{ env: RESURGAM_SECRET }",
        About = "Where the vault's secret is found. Never the secret itself.",
    };

    public static readonly PlanKey<PlanMapping?> S3 = new("s3", S3Section.Type)
    {
        DefaultInWords = "as the section's defaults",
        Example =
            "{ endpoint: 'https://s3.example.net', access-key: { env: S3_ACCESS_KEY }, secret-key: { file: /etc/resurgam/s3 } }",
        About = "How a store on S3 is reached. Only for `s3://`.",
    };

    public static readonly PlanSection Section = new("vault", "The vault.", [Store, Secret, S3]);
}
