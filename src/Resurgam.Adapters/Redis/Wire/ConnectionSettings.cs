using System.Globalization;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Where a Redis server is and how to get in. Its text never holds a secret.</summary>
public sealed record ConnectionSettings
{
    /// <summary>Name or address; the certificate is checked against it. Null: <see cref="Socket"/>.</summary>
    public string? Host { get; init; }

    public int Port { get; init; }

    /// <summary>Path of a unix socket; wins over <see cref="Host"/>.</summary>
    public string? Socket { get; init; }

    /// <summary>Null: the server's default user.</summary>
    public string? User { get; init; }

    /// <summary>Null: none is given.</summary>
    public SecretBytes? Password { get; init; }

    /// <summary>Null: without TLS.</summary>
    public TlsTrust? Tls { get; init; }

    /// <summary>For everything until the server has let us in.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A server that is at work says something at least every ten seconds (<c>repl-ping-replica-period</c>).</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For messages.</summary>
    public string Server =>
        Socket is null
            ? string.Create(CultureInfo.InvariantCulture, $"the Redis server at {Host}:{Port}")
            : $"the Redis server at {Socket}";

    public override string ToString() => Server;
}

/// <param name="CaFile">PEM file of the certificates that are trusted; null: the system's.</param>
/// <param name="Certificate">PEM file of our own certificate and its issuers; null: none is shown.</param>
/// <param name="Key">PEM file of its key; null: in the same file.</param>
public sealed record TlsTrust(string? CaFile, string? Certificate, string? Key);
