using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>A Redis server.</summary>
internal static class RedisKeys
{
    public static readonly PlanKey<string?> Host = new("host", PlanTypes.Host.OrNone)
    {
        DefaultInWords = "none: then `socket`",
        Example = "sessions.internal",
        About = "Name or address of the server, or of a replica of it. Exactly one of `host` and `socket`.",
    };

    public static readonly PlanKey<int> Port = new("port", PlanTypes.Port)
    {
        Default = "6379",
        Example = "6379",
        About = "Its port; with `tls` that of `tls-port`.",
    };

    public static readonly PlanKey<string?> Socket = new("socket", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "none: then `host`",
        Example = "/run/redis/redis-server.sock",
        About = "Its unix socket, when it is on this machine.",
    };

    public static readonly PlanKey<string?> User = new("user", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the server's default user",
        Example = "backup",
        About = "An ACL user; it needs `+psync +replconf +info`, and `+config|get` to find AOF names of its own.",
    };

    public static readonly PlanKey<SecretSource?> Password = new("password", SecretSection.Type.OrNone)
    {
        DefaultInWords = "none",
        Example = "{ env: REDIS_PASSWORD }",
        About = "Where the user's password is found: `env`, `file` or `command`, as in `vault.secret`.",
    };

    public static readonly PlanKey<PlanMapping?> Tls = new("tls", RedisKind.TlsType)
    {
        DefaultInWords = "without TLS",
        Example = "{ ca-file: /etc/ssl/redis-ca.pem }",
        About = "Encrypted, and the server's certificate and name are checked; `{}` is TLS with the system's trust.",
    };

    public static readonly PlanKey<string?> Binaries = new("binaries", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "found in `PATH`",
        Example = "/usr/bin",
        About = "Folder with `redis-server` (or `valkey-server`) and its tools, for verification and checks.",
    };

    public static readonly PlanKey<PlanMapping?> Restore = new("restore", RedisKind.RestoreType)
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

    public static readonly PlanSection Section = AssetKeys.SectionOf(
        Asset.Redis.KindName,
        "A Redis or Valkey server; it is read by the replication protocol, as by a replica.",
        [Host, Port, Socket, User, Password, Tls, Binaries, Restore]
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
}
