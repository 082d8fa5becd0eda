namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Evidence of a server's state, before anybody changes it.</summary>
    public sealed record PostgresDiagnose : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "postgres-diagnose",
                "Notes what a PostgreSQL server says of itself before anything is changed: sessions by state and application, the oldest transaction, locks that wait, replication, settings that wait for a restart.",
                [ActionForms.Target],
                keys => new PostgresDiagnose { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"note the state of {On}";
    }
}
