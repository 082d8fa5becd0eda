using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Makes a replica of a Redis server the primary.</summary>
    public sealed record RedisPromote : StepAction
    {
        private static readonly PlanKey<bool> LinkedKey = new("linked", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About =
                "Whether it may be promoted while its primary still sends to it. Without it that fails the step: two servers would take writes.",
        };

        internal static ActionForm Form { get; } =
            new(
                "redis-promote",
                "Ends replication of a Redis server; done when it takes writes. A replica that is in the middle of its first copy is refused, and one that is promoted already is left as it is.",
                [ActionForms.Target, LinkedKey],
                keys => new RedisPromote
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    MayBeLinked = keys.Get(LinkedKey),
                }
            );

        public required TargetId On { get; init; }

        public bool MayBeLinked { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Redis.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"promote {On}";
    }
}
