namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Stops a server of this machine.</summary>
    public sealed record PostgresStop : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "postgres-stop",
                "Stops a PostgreSQL server whose `data-directory` is on this machine, and ends its sessions: before a restore in place, or to keep it from writing; what else starts servers (systemd, Patroni) has to be told, too. Undo starts it, if it ran before.",
                [ActionForms.Target],
                keys => new PostgresStop { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"stop the server {On}";
    }
}
