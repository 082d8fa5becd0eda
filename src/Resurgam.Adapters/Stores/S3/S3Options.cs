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

    /// <summary>For the TCP and the TLS handshake: a distant server answers in a second, a black hole never.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest without a byte in either direction. How long a transfer takes that moves is not limited.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After the first failure of a request, no new attempt begins later than this.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);
}
