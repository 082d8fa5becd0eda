namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Restarts a server of this machine.</summary>
    public sealed record PostgresRestart : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "postgres-restart",
                "Restarts a PostgreSQL server whose `data-directory` is on this machine, and waits until it takes connections.",
                [ActionForms.Target],
                keys => new PostgresRestart { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"restart {On}";
    }
}
