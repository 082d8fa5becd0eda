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

    /// <summary>As the server calls it: <c>STANDARD_IA</c>. Null: the bucket's own.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Whether and how the server encrypts once more; null: as the bucket is set.</summary>
    public ServerEncryption? Encryption { get; init; }

    /// <summary>The key of the server's key service; null: its own default one.</summary>
    public string? KmsKey { get; init; }

    /// <summary>Null: no locks.</summary>
    public ObjectLock? ObjectLock { get; init; }

    /// <summary>How long after the end of its generation's month an object stays locked; null together with <see cref="ObjectLock"/>.</summary>
    public TimeSpan? LockFor { get; init; }
}

/// <summary>How a server that speaks S3 encrypts what it keeps. The vault's own seal is below it in any case.</summary>
public enum ServerEncryption
{
    /// <summary>With keys of the store: SSE-S3.</summary>
    Server,

    /// <summary>With a key of the key service: SSE-KMS.</summary>
    Kms,
}

/// <summary>How firmly objects are locked.</summary>
public enum ObjectLock
{
    /// <summary>Who has the right to it may lift a lock.</summary>
    Governance,

    /// <summary>Nobody can, not even the owner of the account.</summary>
    Compliance,
}
