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

    public static readonly PlanKey<string?> StorageClass = new("storage-class", S3Section.StorageClassType.OrNone)
    {
        DefaultInWords = "the bucket's",
        Example = "STANDARD_IA",
        About = "Class of storage of what is written. One from which reading takes hours makes a recovery take hours.",
    };

    public static readonly PlanKey<string?> Encryption = new("encryption", S3Section.WordOf("server", "kms").OrNone)
    {
        DefaultInWords = "as the bucket is set",
        Example = "kms",
        About = "`server` (SSE-S3) or `kms` (SSE-KMS): the server encrypts once more what is sealed already.",
    };

    public static readonly PlanKey<string?> KmsKey = new("kms-key", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the key service's default",
        Example = "alias/resurgam",
        About = "Id or alias of the key, with `encryption: kms`.",
    };

    public static readonly PlanKey<string?> ObjectLock = new(
        "object-lock",
        S3Section.WordOf("governance", "compliance").OrNone
    )
    {
        DefaultInWords = "none",
        Example = "compliance",
        About =
            "Each object is locked when it is written; the bucket must have been made with object lock. In `compliance` nobody can delete it before its time.",
    };

    public static readonly PlanKey<TimeSpan?> LockFor = new("lock-for", S3Section.LockForType)
    {
        DefaultInWords = "none: with `object-lock` it must be said",
        Example = "90d",
        About =
            "How long after the end of its generation's month an object stays locked: the time for which you must be able to go back.",
    };

    public static readonly PlanSection Section = new(
        "vault.s3",
        "A store on S3: the server, and as whom. Access key and secret key stand together, or neither.",
        [
            Endpoint,
            Region,
            PathStyle,
            AccessKey,
            SecretKey,
            SessionToken,
            StorageClass,
            Encryption,
            KmsKey,
            ObjectLock,
            LockFor,
        ]
    );
}
