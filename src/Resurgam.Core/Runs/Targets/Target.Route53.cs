using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Runs;

public abstract partial record Target
{
    /// <summary>A hosted zone of Amazon Route 53.</summary>
    public sealed record Route53 : Target
    {
        public const string KindName = "route53";

        private static readonly PlanKey<string> ZoneIdKey = new("zone-id", DnsTypes.HostedZone)
        {
            IsRequired = true,
            Example = "Z0123456789ABCDEFGHIJ",
            About = "Id of the hosted zone.",
        };

        private static readonly PlanKey<string> UrlKey = new("url", PlanTypes.Endpoint)
        {
            Default = "https://route53.amazonaws.com",
            Example = "https://route53.us-gov.amazonaws.com",
            About = "The service.",
        };

        private static readonly PlanKey<string> RegionKey = new("region", PlanTypes.Region)
        {
            Default = "us-east-1",
            Example = "us-gov-west-1",
            About = "The region that requests are signed for.",
        };

        private static readonly PlanKey<SecretSource?> AccessKeyKey = new("access-key", SecretSection.Type.OrNone)
        {
            DefaultInWords = "the variables `AWS_ACCESS_KEY_ID` and so on",
            Example = "{ file: /etc/resurgam/dns-access-key }",
            About = "Where the access key is found: `env`, `file` or `command`, as in `vault.secret`.",
        };

        private static readonly PlanKey<SecretSource?> SecretKeyKey = new("secret-key", SecretSection.Type.OrNone)
        {
            DefaultInWords = "as `access-key`",
            Example = "{ file: /etc/resurgam/dns-secret-key }",
            About = "Where the key that belongs to it is found.",
        };

        internal static TargetForm Form { get; } =
            new(
                KindName,
                ("A hosted zone of Amazon Route 53. No drill changes it.", ""),
                [DnsTypes.ZoneKey, ZoneIdKey, UrlKey, RegionKey, AccessKeyKey, SecretKeyKey],
                Read,
                drillExample: null
            );

        public override string Kind => KindName;

        public required string Zone { get; init; }

        public required string ZoneId { get; init; }

        public required string Url { get; init; }

        public required string Region { get; init; }

        /// <summary>Null, and then the other one as well: by the variables of Amazon's tools.</summary>
        public SecretSource? AccessKey { get; init; }

        public SecretSource? SecretKey { get; init; }

        private static Route53 Read(TargetId id, PlanMapping keys)
        {
            if (keys.Has(AccessKeyKey) != keys.Has(SecretKeyKey))
                keys.Self.Refuse(RunbookProblems.HalfKey(keys.Self.Path));
            return new Route53
            {
                Id = id,
                Zone = keys.Get(DnsTypes.ZoneKey),
                ZoneId = keys.Get(ZoneIdKey),
                Url = keys.Get(UrlKey),
                Region = keys.Get(RegionKey),
                AccessKey = keys.Get(AccessKeyKey),
                SecretKey = keys.Get(SecretKeyKey),
            };
        }
    }
}
