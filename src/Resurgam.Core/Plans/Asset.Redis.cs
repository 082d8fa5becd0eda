namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>A Redis server, or one that speaks its protocol as Valkey does.</summary>
    public sealed record Redis : Asset
    {
        public const string KindName = "redis";
        public const int DefaultPort = 6379;

        public override string Kind => KindName;

        /// <summary>Name or address. Null: <see cref="Socket"/>.</summary>
        public string? Host { get; init; }

        public int Port { get; init; } = DefaultPort;

        /// <summary>Absolute path of a unix socket. Null: <see cref="Host"/>.</summary>
        public string? Socket { get; init; }

        /// <summary>An ACL user. Null: the server's default user.</summary>
        public string? User { get; init; }

        /// <summary>Null: the server asks for none.</summary>
        public SecretSource? Password { get; init; }

        /// <summary>Null: without TLS.</summary>
        public TlsSettings? Tls { get; init; }

        /// <summary>Folder with <c>redis-server</c>. Null: found in <c>PATH</c>.</summary>
        public string? Binaries { get; init; }

        /// <summary>The restored server runs with <c>appendonly yes</c>. Null: as the captured one does.</summary>
        public bool? AppendOnly { get; init; }

        /// <summary>A restore of the asset gives an empty server: its keys are not worth the risk of coming back.</summary>
        public bool StartEmpty { get; init; }
    }
}

/// <summary>How a TLS server is recognised. All paths are absolute.</summary>
public sealed record TlsSettings
{
    /// <summary>PEM file of the certificates that are trusted. Null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the certificate that we show, then its issuers. Null: none.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key, not encrypted. Null: in the file of the certificate.</summary>
    public string? Key { get; init; }
}
