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

    /// <summary>As <see cref="Stall"/>, while the server was never heard: a wrong name or a dead machine is told soon.</summary>
    public TimeSpan FirstAnswer { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// While the server was never heard: after a request's beginning, no new attempt begins later than this. One that answered before and is away for
    /// a moment, because it is started anew, must not end hours of work.
    /// </summary>
    public TimeSpan FirstRetryFor { get; init; } = TimeSpan.FromSeconds(5);
}
