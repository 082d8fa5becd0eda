using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Empties a store of sessions: everybody signs in again.</summary>
    public sealed record RedisFlush : StepAction
    {
        private static readonly PlanKey<string> StoreKey = new("asset", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "sessions",
            About =
                "The asset that the server is: its `restore` has to say `start-empty: true`. Nothing else is ever emptied.",
        };

        internal static ActionForm Form { get; } =
            new(
                "redis-flush",
                "Deletes all keys of a Redis server that holds sessions, in memory and in its file: no revoked session comes back by a restart. Nothing undoes it.",
                [ActionForms.Target, StoreKey],
                keys => new RedisFlush { On = new TargetId(keys.Get(ActionForms.Target)), Store = keys.Get(StoreKey) }
            );

        public required TargetId On { get; init; }

        public required string Store { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Redis.KindName];

        public override string? Asset => Store;

        public override bool IsIdempotent => true;

        public override string Describe() => $"delete all keys of {On}";
    }
}
