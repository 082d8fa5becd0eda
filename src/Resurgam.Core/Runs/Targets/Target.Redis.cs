using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Kinds;

namespace Resurgam.Core.Runs;

public abstract partial record Target
{
    /// <summary>A Redis or Valkey server.</summary>
    public sealed record Redis : Target
    {
        public const string KindName = "redis";

        internal static TargetForm Form { get; } =
            new(
                KindName,
                ("A Redis or Valkey server.", "What takes the place of a Redis server in a drill."),
                [RedisKeys.Host, RedisKeys.Port, RedisKeys.Socket, RedisKeys.User, RedisKeys.Password, RedisKeys.Tls],
                Read,
                "{ socket: /srv/drill/redis.sock }"
            );

        public override string Kind => KindName;

        /// <summary>Name or address. Null: <see cref="Socket"/>.</summary>
        public string? Host { get; init; }

        public int Port { get; init; } = Asset.Redis.DefaultPort;

        /// <summary>Absolute path of a unix socket. Null: <see cref="Host"/>.</summary>
        public string? Socket { get; init; }

        /// <summary>An ACL user. Null: the server's default user.</summary>
        public string? User { get; init; }

        /// <summary>Null: the server asks for none.</summary>
        public SecretSource? Password { get; init; }

        /// <summary>Null: without TLS.</summary>
        public TlsSettings? Tls { get; init; }

        private static Redis Read(TargetId id, PlanMapping keys)
        {
            RedisKind.CheckPlace(keys);
            return new Redis
            {
                Id = id,
                Host = keys.Get(RedisKeys.Host),
                Port = keys.Get(RedisKeys.Port),
                Socket = keys.Get(RedisKeys.Socket),
                User = keys.Get(RedisKeys.User),
                Password = keys.Get(RedisKeys.Password),
                Tls = keys.Get(RedisKeys.Tls) is { } tls ? RedisKind.ReadTls(keys.Self, tls) : null,
            };
        }
    }
}
