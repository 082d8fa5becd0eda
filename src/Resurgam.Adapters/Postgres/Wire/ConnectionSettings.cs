using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Where a server is and how to get in. Its text never holds a secret.</summary>
public sealed record ConnectionSettings
{
    /// <summary>A host name or address, or a folder with a unix socket when it starts with <c>/</c>.</summary>
    public required string Host { get; init; }

    /// <summary>Connect to this address, but check the certificate against <see cref="Host"/>.</summary>
    public string? HostAddress { get; init; }

    public int Port { get; init; } = 5432;

    public required string User { get; init; }

    /// <summary>For SQL; a physical replication connection has no database.</summary>
    public required string Database { get; init; }

    public SslMode SslMode { get; init; } = SslMode.Prefer;

    /// <summary>A PEM file of root certificates, or <c>system</c>. Null: no certificates are trusted.</summary>
    public string? SslRootCert { get; init; }

    /// <summary>A PEM file of the client's certificate, then its issuers. Null: none is shown.</summary>
    public string? SslCert { get; init; }

    /// <summary>The unencrypted PEM file of the key to <see cref="SslCert"/>.</summary>
    public string? SslKey { get; init; }

    public ChannelBinding ChannelBinding { get; init; } = ChannelBinding.Prefer;

    /// <summary>For everything until the server is ready for the first command.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shown in pg_stat_activity, and the name that <c>synchronous_standby_names</c> looks for.</summary>
    public string ApplicationName { get; init; } = "resurgam";

    /// <summary>Command-line options for the backend, <c>-c name=value</c>.</summary>
    public string? Options { get; init; }

    public Keepalive Keepalive { get; init; } = new();

    public PasswordSource Password { get; init; } = PasswordSource.None;

    /// <summary>On a unix socket every read and write blocks its thread: see <see cref="BlockingSocketStream"/>.</summary>
    public bool BlocksThread { get; init; }

    public bool IsUnixSocket => Host.StartsWith('/') && HostAddress is null;

    /// <summary>Host and port, for messages.</summary>
    public string Server => IsUnixSocket ? $"{Host}/.s.PGSQL.{Port}" : $"{Host}:{Port}";

    /// <summary>Reads what libpq reads: <c>keyword=value …</c> or <c>postgresql://…</c>, then the PG… variables, then defaults.</summary>
    /// <param name="environment">Value of an environment variable, or null.</param>
    /// <exception cref="Resurgam.Core.Problems.ResurgamException">
    /// A keyword is unknown, a value is wrong, or there is a password in it.
    /// </exception>
    public static ConnectionSettings Parse(string conninfo, Func<string, string?> environment) =>
        new ConninfoReader(Conninfo.Parse(conninfo), environment).Read();

    public override string ToString() => $"{User}@{Server}/{Database}";
}

/// <summary>Whether SCRAM must tie the password to this very TLS connection.</summary>
public enum ChannelBinding
{
    Disable,
    Prefer,
    Require,
}

/// <summary>When a silent TCP peer is given up.</summary>
/// <remarks>
/// libpq leaves this to the system, which is two hours; a stream that protects data must know sooner.
/// </remarks>
public sealed record Keepalive
{
    public bool IsOn { get; init; } = true;

    /// <summary>Silence before the first probe.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Lost probes that end the connection.</summary>
    public int Count { get; init; } = 3;

    /// <summary>How long sent bytes may stay without an answer of the peer's kernel.</summary>
    public TimeSpan UserTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
