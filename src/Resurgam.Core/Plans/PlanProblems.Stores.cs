using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

public static partial class PlanProblems
{
    internal static Problem Store(string path, string written) =>
        Of(
            "plan-store",
            $"{path} is '{written}', which names no store that this program knows",
            written.StartsWith('/')
                ? $"Write it as an address: file://{written}"
                : "Known are a folder, file:///srv/vault or file:./vault beside the plan file, a bucket, s3://BUCKET/PREFIX, and a container, azure://CONTAINER/PREFIX."
        );

    internal static Problem S3Address(string path, string written) =>
        Of(
            "plan-store",
            $"{path} is '{written}', which is not an address on S3",
            "Write s3://BUCKET/PREFIX: a bucket of 3 to 63 of a-z, 0-9, '.' and '-', a prefix of letters, digits and ._=@+- between slashes. The server stands in 'vault.s3.endpoint'."
        );

    internal static Problem S3Needless(string path, string store) =>
        Of(
            "plan-s3",
            $"{path} has the group 's3', and its store is {store}",
            "Remove the group, or let 'store' be an address on S3: s3://BUCKET/PREFIX."
        );

    internal static Problem S3Keys(string path) =>
        Of(
            "plan-s3",
            $"{path} names only a part of the credentials",
            "Write both 'access-key' and 'secret-key' (and 'session-token' only beside them), or none: then the AWS variables and credentials file count."
        );

    /// <summary>What was written is not repeated: it may hold a password.</summary>
    internal static Problem S3Endpoint(string path) =>
        Of(
            "plan-s3",
            $"{path} is not the address of a server",
            "Write scheme, host and port alone: https://s3.example.net:9000. Bucket and prefix stand in 'store', credentials in 'access-key' and 'secret-key'."
        );

    internal static Problem S3Region(string path, string written) =>
        Of(
            "plan-s3",
            $"{path} is '{written}', which cannot name a region",
            "Write it as the provider does, for example eu-central-1."
        );
}
