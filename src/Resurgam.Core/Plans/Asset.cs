using Resurgam.Core.Assets;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>One thing to protect. Closed: the private constructor keeps other cases out.</summary>
public abstract partial record Asset
{
    private Asset() { }

    public required AssetId Id { get; init; }

    /// <summary>As the plan's key <c>kind</c> has it.</summary>
    public abstract string Kind { get; }

    /// <summary>A PostgreSQL cluster.</summary>
    public sealed record Postgres : Asset
    {
        public const string KindName = "postgres";

        public override string Kind => KindName;

        /// <summary>How to reach it, as libpq has it: <c>host=/var/run/postgresql user=postgres</c>. Never with a password.</summary>
        public required string Connection { get; init; }

        /// <summary>Absolute path; the cluster is read there. Null: it is read by the replication protocol.</summary>
        public string? DataDirectory { get; init; }

        /// <summary>Folder with <c>postgres</c> and <c>pg_ctl</c>. Null: found by the cluster's version.</summary>
        public string? Binaries { get; init; }

        /// <summary>Most bytes a second that a backup reads. Null: no limit.</summary>
        public ByteSize? MaxRate { get; init; }

        public required WalSettings Wal { get; init; }

        /// <summary>Asked of every restored copy in its verification. Each name once.</summary>
        public ValueList<Question> Questions { get; init; } = [];
    }

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

    /// <summary>A folder and all below it.</summary>
    public sealed record Files : Asset
    {
        public const string KindName = "files";

        public override string Kind => KindName;

        /// <summary>Absolute path.</summary>
        public required string Path { get; init; }

        /// <summary>What stays out, each as in <see cref="ExcludePattern"/>.</summary>
        public ValueList<string> Exclude { get; init; } = [];
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

/// <summary>How the write-ahead log is followed.</summary>
public sealed record WalSettings
{
    /// <summary>Name of the replication slot: 1 to 63 of <c>a-z 0-9 _</c>.</summary>
    public required string Slot { get; init; }

    /// <summary>Longest a commit may hang on us before the watchdog leaves the synchronous set.</summary>
    public required TimeSpan SynchronousWait { get; init; }

    /// <summary>A fragment goes to the store when it is this old ...</summary>
    public required TimeSpan FragmentInterval { get; init; }

    /// <summary>... or this large, whichever comes first.</summary>
    public required ByteSize FragmentSize { get; init; }
}

/// <summary>Something a restored copy must be able to answer.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Sql">One query that gives one value.</param>
/// <param name="Expect">The value as text. Null: compared with the answer recorded at the snapshot.</param>
public sealed record Question(string Name, string Sql, string? Expect);
