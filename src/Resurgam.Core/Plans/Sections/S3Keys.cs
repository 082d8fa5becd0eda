namespace Resurgam.Core.Plans.Sections;

/// <summary>How a server that speaks S3 is reached.</summary>
internal static class S3Keys
{
    public static readonly PlanKey<string?> Endpoint = new("endpoint", PlanTypes.Endpoint.OrNone)
    {
        DefaultInWords = "Amazon's, by the region",
        Example = "https://s3.example.net:9000",
        About = "The server, without bucket and path.",
    };

    public static readonly PlanKey<string> Region = new("region", PlanTypes.Region)
    {
        Default = "us-east-1",
        Example = "eu-central-1",
        About = "The bucket's region; servers other than Amazon's mostly do not care.",
    };

    public static readonly PlanKey<bool?> PathStyle = new("path-style", PlanTypes.Flag)
    {
        DefaultInWords = "`true` with `endpoint`, else `false`",
        Example = "true",
        About = "Whether the bucket stands in the path of an address (`true`) or in its host name.",
    };

    public static readonly PlanKey<SecretSource?> AccessKey = new("access-key", SecretSection.Type.OrNone)
    {
        DefaultInWords =
            "the variables `AWS_ACCESS_KEY_ID` and so on, else the profile `AWS_PROFILE` of `~/.aws/credentials`",
        Example = "{ env: S3_ACCESS_KEY }",
        About =
            "Where the access key is found, by the keys of `vault.secret`. The metadata service of a cloud is never asked.",
    };

    public static readonly PlanKey<SecretSource?> SecretKey = new("secret-key", SecretSection.Type.OrNone)
    {
        DefaultInWords = "as `access-key`",
        Example = "{ file: /etc/resurgam/s3 }",
        About = "Where the key that belongs to it is found.",
    };

    public static readonly PlanKey<SecretSource?> SessionToken = new("session-token", SecretSection.Type.OrNone)
    {
        DefaultInWords = "none",
        Example = "{ env: S3_SESSION_TOKEN }",
        About = "Where the token of credentials that expire is found.",
    };

    public static readonly PlanSection Section = new(
        "vault.s3",
        "A store on S3: the server, and as whom. Access key and secret key stand together, or neither.",
        [Endpoint, Region, PathStyle, AccessKey, SecretKey, SessionToken]
    );
}
