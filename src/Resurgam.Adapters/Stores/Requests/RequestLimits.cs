namespace Resurgam.Adapters.Stores.Requests;

/// <summary>How long a store on the network may take.</summary>
public sealed record RequestLimits
{
    /// <summary>For the TCP and the TLS handshake: a distant server answers in a second, a black hole never.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest without a byte in either direction. How long a transfer takes that moves is not limited.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After the first failure of a request, no new attempt begins later than this.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);
}
