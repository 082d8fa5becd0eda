namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Starts a server of this machine.</summary>
    public sealed record PostgresStart : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "postgres-start",
                "Starts a PostgreSQL server whose `data-directory` is on this machine, and waits until it takes connections. Undo stops it, if it was down before.",
                [ActionForms.Target],
                keys => new PostgresStart { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"start the server {On}";
    }
}
