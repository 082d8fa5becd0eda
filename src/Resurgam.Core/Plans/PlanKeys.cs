using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>
/// Every key of the plan file. <see cref="PlanReader"/> can read no key that is not here, and docs/reference-plan.md is
/// made from here.
/// </summary>
internal static class PlanKeys
{
    /// <summary>How messages call the file's top level.</summary>
    public const string RootPath = "the plan";

    public const string FilesExample = "{ kind: files, path: /srv/uploads }";

    public static readonly IReadOnlyList<string> Kinds =
    [
        Asset.Postgres.KindName,
        Asset.Redis.KindName,
        Asset.Files.KindName,
        Asset.Git.KindName,
        Asset.Secret.KindName,
    ];

    public static readonly PlanKey<string> Version = new("resurgam", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "1",
        About = "Version of the plan's form. This program reads version 1.",
    };

    public static readonly PlanKey<string?> Name = new("name", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the file's name without its ending",
        Example = "healthcare-gitops",
        About = "What reports and messages call this plan.",
    };

    public static readonly PlanKey<string?> State = new("state", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords =
            "the variable `RESURGAM_STATE`, else `/var/lib/resurgam` for root, else `$XDG_STATE_HOME/resurgam` or `~/.local/state/resurgam`",
        Example = "/var/lib/resurgam",
        About = "Folder for the cache and the spool of this machine. It is no copy of anything but the newest WAL.",
    };

    public static readonly PlanKey<VaultPlace> Vault = new("vault", PlanReader.VaultType)
    {
        IsRequired = true,
        Example = "{ store: file:///srv/vault, secret: { env: RESURGAM_SECRET } }",
        About = "Where sealed copies live, and what opens them.",
    };

    public static readonly PlanKey<ValueList<Asset>> Assets = new("assets", PlanReader.AssetsType)
    {
        DefaultInWords = "none",
        Example = $"{{ uploads: {FilesExample} }}",
        About = "What must survive: a group for each asset, by its name (1 to 40 of `a-z 0-9 - _`).",
    };

    public static readonly PlanKey<StoreAddress> Store = new("store", PlanTypes.Store)
    {
        IsRequired = true,
        Example = "file:///srv/vault",
        About =
            "A folder: `file:///srv/vault`, or `file:./vault` beside the plan file. Or a bucket, or a part of one: `s3://BUCKET/PREFIX`.",
    };

    public static readonly PlanKey<SecretSource> Secret = new("secret", PlanReader.SecretType)
    {
        IsRequired = true,
        Example = "{ env: RESURGAM_SECRET }",
        About = "Where the vault's secret is found. Never the secret itself.",
    };

    public static readonly PlanKey<PlanMapping?> S3 = new("s3", PlanReader.S3Type)
    {
        DefaultInWords = "as the section's defaults",
        Example =
            "{ endpoint: 'https://s3.example.net', access-key: { env: S3_ACCESS_KEY }, secret-key: { file: /etc/resurgam/s3 } }",
        About = "How a store on S3 is reached. Only for `s3://`.",
    };

    public static readonly PlanKey<string?> S3Endpoint = new("endpoint", PlanTypes.Endpoint.OrNone)
    {
        DefaultInWords = "Amazon's, by the region",
        Example = "https://s3.example.net:9000",
        About = "The server, without bucket and path.",
    };

    public static readonly PlanKey<string> S3Region = new("region", PlanTypes.Region)
    {
        Default = "us-east-1",
        Example = "eu-central-1",
        About = "The bucket's region; servers other than Amazon's mostly do not care.",
    };

    public static readonly PlanKey<bool?> S3PathStyle = new("path-style", PlanTypes.Flag)
    {
        DefaultInWords = "`true` with `endpoint`, else `false`",
        Example = "true",
        About = "Whether the bucket stands in the path of an address (`true`) or in its host name.",
    };

    public static readonly PlanKey<SecretSource?> S3AccessKey = new("access-key", PlanReader.SecretType.OrNone)
    {
        DefaultInWords =
            "the variables `AWS_ACCESS_KEY_ID` and so on, else the profile `AWS_PROFILE` of `~/.aws/credentials`",
        Example = "{ env: S3_ACCESS_KEY }",
        About =
            "Where the access key is found, by the keys of `vault.secret`. The metadata service of a cloud is never asked.",
    };

    public static readonly PlanKey<SecretSource?> S3SecretKey = new("secret-key", PlanReader.SecretType.OrNone)
    {
        DefaultInWords = "as `access-key`",
        Example = "{ file: /etc/resurgam/s3 }",
        About = "Where the key that belongs to it is found.",
    };

    public static readonly PlanKey<SecretSource?> S3SessionToken = new("session-token", PlanReader.SecretType.OrNone)
    {
        DefaultInWords = "none",
        Example = "{ env: S3_SESSION_TOKEN }",
        About = "Where the token of credentials that expire is found.",
    };

    public static readonly PlanKey<string?> SecretEnvironment = new("env", PlanTypes.EnvironmentName.OrNone)
    {
        Example = "RESURGAM_SECRET",
        About = "The environment variable that holds the secret.",
    };

    public static readonly PlanKey<string?> SecretFile = new("file", PlanTypes.SecretPath.OrNone)
    {
        Example = "/etc/resurgam/secret",
        About =
            "The file that holds the secret; one line break at its end is left out. Refused when others than owner and group may read it.",
    };

    public static readonly PlanKey<ValueList<string>?> SecretCommand = new("command", PlanTypes.Argv.OrNone)
    {
        Example = "[pass, show, resurgam]",
        About = "Program and arguments, without a shell; it prints the secret within 30 seconds.",
    };

    public static readonly PlanKey<string> Kind = new("kind", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "postgres",
        About = "What the asset is; it decides the other keys: `postgres`, `redis`, `files`, `git` or `secret`.",
    };

    public static readonly PlanKey<string> Connection = new("connection", PlanTypes.Connection)
    {
        IsRequired = true,
        Example = "host=/var/run/postgresql user=postgres",
        About =
            "How the server is reached, in libpq's `key=value` form. Passwords belong into `~/.pgpass` or a `passfile`.",
    };

    public static readonly PlanKey<string?> DataDirectory = new("data-directory", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "read by the replication protocol",
        Example = "/var/lib/postgresql/15/main",
        About = "The cluster's data directory, when it is on this machine: then it is read there, in parallel.",
    };

    public static readonly PlanKey<string?> Binaries = new("binaries", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "found by the cluster's version",
        Example = "/usr/lib/postgresql/15/bin",
        About = "Folder with `postgres` and `pg_ctl`, for verification and for restores that are started.",
    };

    public static readonly PlanKey<ByteSize?> MaxRate = new(
        "max-rate",
        new(PlanTypes.Rate.Name, null, value => PlanTypes.Rate.Read(value))
    )
    {
        DefaultInWords = "no limit",
        Example = "50 MiB/s",
        About = "Most that a backup reads in a second.",
    };

    public static readonly PlanKey<ValueList<Question>> Questions = new("questions", PlanReader.QuestionsType)
    {
        DefaultInWords = "none",
        Example = "[{ name: audit rows, sql: select count(*) from audit_logs }]",
        About = "Asked of every restored copy when it is verified.",
    };

    public static readonly PlanKey<PlanMapping?> Wal = new("wal", PlanReader.WalType)
    {
        DefaultInWords = "as the section's defaults",
        Example = "{ synchronous-wait: 10s }",
        About = "How the write-ahead log is followed.",
    };

    public static readonly PlanKey<string?> Slot = new("slot", PlanTypes.Slot.OrNone)
    {
        DefaultInWords = "`resurgam_NAME`, with `_` for each `-` of the asset's name",
        Example = "resurgam_db",
        About = "Name of the replication slot, for this asset alone.",
    };

    public static readonly PlanKey<TimeSpan> SynchronousWait = new(
        "synchronous-wait",
        PlanTypes.DurationBetween(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))
    )
    {
        Default = "10s",
        Example = "10s",
        About = "Longest that commits may hang on our acknowledgement before we leave `synchronous_standby_names`.",
    };

    public static readonly PlanKey<TimeSpan> FragmentInterval = new(
        "fragment-interval",
        PlanTypes.DurationBetween(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1))
    )
    {
        Default = "1s",
        Example = "1s",
        About = "A piece of WAL goes to the store when it is this old: bounds what the loss of the whole site costs.",
    };

    public static readonly PlanKey<ByteSize> FragmentSize = new("fragment-size", PlanTypes.Size)
    {
        Default = "256 KiB",
        Example = "256 KiB",
        About = "A piece of WAL goes to the store when it is this large, if that comes first.",
    };

    public static readonly PlanKey<string?> RedisHost = new("host", PlanTypes.Host.OrNone)
    {
        DefaultInWords = "none: then `socket`",
        Example = "sessions.internal",
        About = "Name or address of the server, or of a replica of it. Exactly one of `host` and `socket`.",
    };

    public static readonly PlanKey<int> RedisPort = new("port", PlanTypes.Port)
    {
        Default = "6379",
        Example = "6379",
        About = "Its port; with `tls` that of `tls-port`.",
    };

    public static readonly PlanKey<string?> RedisSocket = new("socket", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "none: then `host`",
        Example = "/run/redis/redis-server.sock",
        About = "Its unix socket, when it is on this machine.",
    };

    public static readonly PlanKey<string?> RedisUser = new("user", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the server's default user",
        Example = "backup",
        About = "An ACL user; it needs `+psync +replconf +info`, and `+config|get` to find AOF names of its own.",
    };

    public static readonly PlanKey<SecretSource?> RedisPassword = new("password", PlanReader.SecretType.OrNone)
    {
        DefaultInWords = "none",
        Example = "{ env: REDIS_PASSWORD }",
        About = "Where the user's password is found: `env`, `file` or `command`, as in `vault.secret`.",
    };

    public static readonly PlanKey<PlanMapping?> RedisTls = new("tls", PlanReader.TlsType)
    {
        DefaultInWords = "without TLS",
        Example = "{ ca-file: /etc/ssl/redis-ca.pem }",
        About = "Encrypted, and the server's certificate and name are checked; `{}` is TLS with the system's trust.",
    };

    public static readonly PlanKey<string?> RedisBinaries = new("binaries", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "found in `PATH`",
        Example = "/usr/bin",
        About = "Folder with `redis-server` (or `valkey-server`) and its tools, for verification and checks.",
    };

    public static readonly PlanKey<PlanMapping?> RedisRestore = new("restore", PlanReader.RestoreType)
    {
        DefaultInWords = "as the section's defaults",
        Example = "{ start-empty: true }",
        About = "What a restore of the asset gives.",
    };

    public static readonly PlanKey<bool> StartEmpty = new("start-empty", PlanTypes.YesOrNo)
    {
        Default = "false",
        Example = "true",
        About =
            "For session stores: a restore of the asset gives a server without keys, so that no revoked session comes back. A snapshot named by its id is restored with its keys.",
    };

    public static readonly PlanKey<bool?> AppendOnly = new("append-only", PlanTypes.YesOrNo.OrUnknown)
    {
        DefaultInWords = "as the captured server has it",
        Example = "true",
        About =
            "Whether the restored server runs with `appendonly yes`: it then reads only its append-only files, and those are written too. Say it when snapshots come from a replica that is set up otherwise.",
    };

    public static readonly PlanKey<string?> CaFile = new("ca-file", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "the system's certificates",
        Example = "/etc/ssl/redis-ca.pem",
        About = "PEM file of the certificates that are trusted.",
    };

    public static readonly PlanKey<string?> Certificate = new("certificate", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "none",
        Example = "/etc/resurgam/redis.crt",
        About = "PEM file of the certificate that we show: Redis asks for one unless `tls-auth-clients` is `no`.",
    };

    public static readonly PlanKey<string?> CertificateKey = new("key", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "in the file of `certificate`",
        Example = "/etc/resurgam/redis.key",
        About = "PEM file of its key, not encrypted, and unreadable for others.",
    };

    public static readonly PlanKey<string> FilesPath = new("path", PlanTypes.AbsolutePath)
    {
        IsRequired = true,
        Example = "/srv/uploads",
        About = "The folder.",
    };

    public static readonly PlanKey<ValueList<string>> Exclude = new("exclude", PlanTypes.Patterns)
    {
        DefaultInWords = "none",
        Example = "['*.tmp', 'cache/**']",
        About =
            "What stays out, with all below it. A pattern without a slash fits a name in any folder, one with a slash a path below `path` (`/cache` only there). `*` is any part of a name, `?` one character, `**` any folders.",
    };

    public static readonly PlanKey<string> QuestionName = new("name", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "audit rows",
        About = "What reports call the question; each name once in an asset.",
    };

    public static readonly PlanKey<string> QuestionSql = new("sql", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "select count(*) from audit_logs",
        About = "A query that gives one value.",
    };

    public static readonly PlanKey<string?> QuestionExpect = new("expect", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the answer recorded at the snapshot",
        Example = "'0'",
        About = "The value that must come, as text.",
    };

    public static readonly PlanSection Root = new(
        RootPath,
        "The top level of the file.",
        [Version, Name, State, Vault, Assets]
    );

    public static readonly PlanSection VaultSection = new("vault", "The vault.", [Store, Secret, S3]);

    public static readonly PlanSection SecretSection = new(
        "vault.secret",
        "Exactly one of these.",
        [SecretEnvironment, SecretFile, SecretCommand]
    );

    public static readonly PlanSection S3Section = new(
        "vault.s3",
        "A store on S3: the server, and as whom. Access key and secret key stand together, or neither.",
        [S3Endpoint, S3Region, S3PathStyle, S3AccessKey, S3SecretKey, S3SessionToken]
    );

    public static readonly PlanSection PostgresSection = new(
        "assets.NAME (kind: postgres)",
        "A PostgreSQL cluster.",
        [Kind, Connection, DataDirectory, Binaries, MaxRate, Wal, Questions]
    );

    public static readonly PlanSection WalSection = new(
        "assets.NAME.wal",
        "The write-ahead log of a PostgreSQL cluster.",
        [Slot, SynchronousWait, FragmentInterval, FragmentSize]
    );

    public static readonly PlanSection QuestionSection = new(
        "assets.NAME.questions[]",
        "One question to a restored copy.",
        [QuestionName, QuestionSql, QuestionExpect]
    );

    public static readonly PlanSection RedisSection = new(
        "assets.NAME (kind: redis)",
        "A Redis or Valkey server; it is read by the replication protocol, as by a replica.",
        [Kind, RedisHost, RedisPort, RedisSocket, RedisUser, RedisPassword, RedisTls, RedisBinaries, RedisRestore]
    );

    public static readonly PlanSection TlsSection = new(
        "assets.NAME.tls",
        "How a Redis server is recognised.",
        [CaFile, Certificate, CertificateKey]
    );

    public static readonly PlanSection RestoreSection = new(
        "assets.NAME.restore",
        "What a restore of a Redis server gives.",
        [StartEmpty, AppendOnly]
    );

    public static readonly PlanSection FilesSection = new(
        "assets.NAME (kind: files)",
        "A folder and all below it.",
        [Kind, FilesPath, Exclude]
    );

    /// <summary>In the order of the reference.</summary>
    public static readonly IReadOnlyList<PlanSection> Sections =
    [
        Root,
        VaultSection,
        SecretSection,
        S3Section,
        PostgresSection,
        WalSection,
        QuestionSection,
        RedisSection,
        TlsSection,
        RestoreSection,
        FilesSection,
        GitKeys.Section,
        GitHubKeys.Section,
        SecretAssetKeys.Section,
    ];
}
