namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Makes a standby the primary.</summary>
    public sealed record PostgresPromote : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "postgres-promote",
                "Ends recovery of a standby; done when it takes writes. A standby that is promoted already is left as it is.",
                [ActionForms.Target],
                keys => new PostgresPromote { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"promote {On}";
    }
}
