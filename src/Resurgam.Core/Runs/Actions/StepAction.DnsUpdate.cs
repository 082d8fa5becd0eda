using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Replaces the records of one name and type, when they are what they are expected to be.</summary>
    public sealed record DnsUpdate : StepAction
    {
        private static readonly PlanType<TimeSpan> Ttl = PlanTypes.DurationBetween(
            TimeSpan.FromSeconds(1),
            TimeSpan.FromDays(1)
        );

        private static readonly PlanKey<string> NameKey = new("name", DnsTypes.Name)
        {
            IsRequired = true,
            Example = "www.example.net",
            About = "The whole name, inside of the target's zone.",
        };

        private static readonly PlanKey<DnsType> TypeKey = new("type", DnsTypes.Type)
        {
            Default = "A",
            Example = "CNAME",
            About = "Type of the records.",
        };

        private static readonly PlanKey<ValueList<string>> ValuesKey = new("values", DnsTypes.Values)
        {
            IsRequired = true,
            Example = "[198.51.100.7]",
            About = "All that the name will have of that type.",
        };

        private static readonly PlanKey<TimeSpan> TtlKey = new("ttl", Ttl)
        {
            Default = "1m",
            Example = "5m",
            About = "How long others may keep the new records.",
        };

        private static readonly PlanKey<ValueList<string>?> WasKey = new("was", RunbookTypes.Texts.OrNone)
        {
            DefaultInWords = "what the step saw right before its first attempt",
            Example = "[192.0.2.1]",
            About =
                "What the name must have until then, `[]` for nothing; else nothing is changed. The server itself looks, in the same moment.",
        };

        private static readonly PlanKey<TimeSpan?> TtlAtMostKey = new("ttl-at-most", Ttl.OrUnknown)
        {
            DefaultInWords = "any",
            Example = "5m",
            About = "The old records may live no longer in caches: else the step fails, and nothing is changed.",
        };

        private static readonly PlanKey<ValueList<string>> SeenByKey = new("seen-by", RunbookTypes.Texts)
        {
            DefaultInWords = "nobody else is asked",
            Example = "[ns2.example.net, '9.9.9.9:53']",
            About =
                "Other servers, `HOST` or `HOST:PORT`, that are asked until each of them answers with the new records.",
        };

        internal static ActionForm Form { get; } =
            new(
                "dns-update",
                "Replaces records of a target of kind `dns` or `route53`, if they are what they should be; done when all servers of Route 53, or the server of the zone, and those in `seen-by` answer with the new ones. Undo brings the old ones back, unless somebody else has changed them. No drill does it.",
                [ActionForms.Target, NameKey, TypeKey, ValuesKey, TtlKey, WasKey, TtlAtMostKey, SeenByKey],
                keys => new DnsUpdate
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    Name = keys.Get(NameKey),
                    Type = keys.Get(TypeKey),
                    Values = keys.Get(ValuesKey),
                    Lifetime = keys.Get(TtlKey),
                    Was = keys.Get(WasKey),
                    TtlAtMost = keys.Get(TtlAtMostKey),
                    SeenBy = keys.Get(SeenByKey),
                }
            );

        public required TargetId On { get; init; }

        public required string Name { get; init; }

        public required DnsType Type { get; init; }

        public required ValueList<string> Values { get; init; }

        public required TimeSpan Lifetime { get; init; }

        /// <summary>Null: what was seen right before the first attempt.</summary>
        public ValueList<string>? Was { get; init; }

        /// <summary>Null: any.</summary>
        public TimeSpan? TtlAtMost { get; init; }

        public ValueList<string> SeenBy { get; init; } = [];

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Dns.KindName, Runs.Target.Route53.KindName];

        public override bool IsIdempotent => true;

        public override bool IsOutward => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"let {Name} {DnsWords.Of(Type)} be {DnsWords.Of(Values)}";
    }
}
