using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Runs;

public abstract partial record Target
{
    /// <summary>A zone, on a server that takes signed updates of it.</summary>
    public sealed record Dns : Target
    {
        public const string KindName = "dns";

        private static readonly PlanKey<string> HostKey = new("host", PlanTypes.Host)
        {
            IsRequired = true,
            Example = "ns1.example.net",
            About = "Name or address of the zone's primary server. It is asked by TCP.",
        };

        private static readonly PlanKey<int> PortKey = new("port", PlanTypes.Port)
        {
            Default = "53",
            Example = "53",
            About = "Its port.",
        };

        private static readonly PlanKey<string> KeyNameKey = new("key-name", DnsTypes.Name)
        {
            IsRequired = true,
            Example = "resurgam",
            About = "Name of the key that updates are signed with (TSIG, hmac-sha256), as the server knows it.",
        };

        private static readonly PlanKey<SecretSource> SecretKey = new("key", SecretSection.Type)
        {
            IsRequired = true,
            Example = "{ file: /etc/resurgam/tsig }",
            About =
                "Where the key is found, in base64 as `tsig-keygen` prints it: `env`, `file` or `command`, as in `vault.secret`.",
        };

        internal static TargetForm Form { get; } =
            new(
                KindName,
                ("A zone of the DNS, on a server that takes signed updates (RFC 2136). No drill changes it.", ""),
                [HostKey, PortKey, DnsTypes.ZoneKey, KeyNameKey, SecretKey],
                (id, keys) =>
                    new Dns
                    {
                        Id = id,
                        Host = keys.Get(HostKey),
                        Port = keys.Get(PortKey),
                        Zone = keys.Get(DnsTypes.ZoneKey),
                        KeyName = keys.Get(KeyNameKey),
                        Key = keys.Get(SecretKey),
                    },
                drillExample: null
            );

        public override string Kind => KindName;

        public required string Host { get; init; }

        public required int Port { get; init; }

        public required string Zone { get; init; }

        public required string KeyName { get; init; }

        public required SecretSource Key { get; init; }
    }
}
