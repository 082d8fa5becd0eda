namespace Resurgam.Core.Plans;

/// <summary>How a server that speaks S3 is reached, and as whom.</summary>
public sealed record S3Place
{
    /// <summary>Scheme, host and port: <c>https://s3.example.net:9000</c>. Null: Amazon's own, by the region.</summary>
    public string? Endpoint { get; init; }

    public required string Region { get; init; }

    /// <summary>The bucket stands in the path of an address, not in its host name.</summary>
    public required bool IsPathStyle { get; init; }

    /// <summary>Null, together with <see cref="SecretKey"/>: what the environment or the AWS credentials file says.</summary>
    public SecretSource? AccessKey { get; init; }

    public SecretSource? SecretKey { get; init; }

    /// <summary>For credentials that expire.</summary>
    public SecretSource? SessionToken { get; init; }
}
