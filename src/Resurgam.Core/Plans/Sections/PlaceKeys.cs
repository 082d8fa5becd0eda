using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>A place of the vault: its own, or a replica's.</summary>
internal static class PlaceKeys
{
    public static readonly PlanKey<StoreAddress> Store = new("store", PlanTypes.Store)
    {
        IsRequired = true,
        Example = "file:///srv/vault",
        About =
            "A folder: `file:///srv/vault`, or `file:./vault` beside the plan file. Or a bucket or container, or a part of one: `s3://BUCKET/PREFIX`, `azure://CONTAINER/PREFIX`.",
    };

    public static readonly PlanKey<PlanMapping?> S3 = new("s3", S3Section.Type)
    {
        DefaultInWords = "as the section's defaults",
        Example =
            "{ endpoint: 'https://s3.example.net', access-key: { env: S3_ACCESS_KEY }, secret-key: { file: /etc/resurgam/s3 } }",
        About = "How a store on S3 is reached. Only for `s3://`.",
    };

    public static readonly PlanKey<PlanMapping?> Azure = new("azure", AzureSection.Type)
    {
        DefaultInWords = "none",
        Example = "{ account: drbackups, key: { file: /etc/resurgam/azure } }",
        About = "How a store on Azure is reached. Only for `azure://`, and there it must be.",
    };

    public static readonly PlanKey<ByteSize?> Bandwidth = new(
        "bandwidth",
        new(PlanTypes.Rate.Name, null, value => PlanTypes.Rate.Read(value))
    )
    {
        DefaultInWords = "no limit",
        Example = "20 MiB/s",
        About = "Most that goes to and from this store in a second, as a mean over some objects.",
    };

    public static readonly PlanKey<string?> FailureDomain = new("failure-domain", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "not said",
        Example = "eu-central-1",
        About = "What is lost together with this place: a region, a site, an account.",
    };
}
