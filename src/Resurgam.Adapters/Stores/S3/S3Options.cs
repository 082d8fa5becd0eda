using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>Where a store on S3 is, as whom it is asked, and how long it may take.</summary>
public sealed record S3Options
{
    public required string Bucket { get; init; }

    /// <summary>Empty, or without a slash at either end.</summary>
    public required string Prefix { get; init; }

    /// <summary>Scheme, host and port; null: Amazon's own, by the region.</summary>
    public string? Endpoint { get; init; }

    public required string Region { get; init; }

    public required bool IsPathStyle { get; init; }

    public required S3Credentials Credentials { get; init; }

    /// <summary>Null: the bucket's own.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Null: as the bucket is set.</summary>
    public ServerEncryption? Encryption { get; init; }

    public string? KmsKey { get; init; }

    /// <summary>Null: no locks.</summary>
    public ObjectLock? ObjectLock { get; init; }

    /// <summary>As <see cref="LockHorizon"/> takes it; only with <see cref="ObjectLock"/>.</summary>
    public TimeSpan LockFor { get; init; }

    /// <summary>What the plan asks of the server beyond keeping the bytes, by the names it has there.</summary>
    internal IEnumerable<string> Asked
    {
        get
        {
            if (StorageClass is not null)
                yield return "storage-class";
            if (Encryption is not null)
                yield return "encryption";
            if (KmsKey is not null)
                yield return "kms-key";
            if (ObjectLock is not null)
                yield return "object-lock";
        }
    }

    /// <summary>Larger objects go up in parts.</summary>
    public int PartsAboveBytes { get; init; } = 32 << 20;

    /// <summary>At least 5 MiB, says Amazon; of these an object may have ten thousand.</summary>
    public int PartBytes { get; init; } = 16 << 20;

    /// <summary>For messages: <c>s3://bucket/prefix at http://server</c>.</summary>
    internal string Name =>
        $"s3://{Bucket}/{Prefix}".TrimEnd('/') + (Endpoint is { } endpoint ? $" at {endpoint}" : "");

    /// <summary>Stands before each of our keys in the bucket.</summary>
    internal string Root => Prefix.Length == 0 ? "" : Prefix + "/";

    public RequestLimits Limits { get; init; } = new();

    /// <summary>Told when the store does not answer, or fails, and is asked again; null: nobody.</summary>
    public Action<string>? Waits { get; init; }
}
