namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>A fault: kills a PostgreSQL server without warning.</summary>
    public sealed record KillPostgres : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "fault-kill-postgres",
                "A fault, only in drills: kills a PostgreSQL server of this machine with SIGKILL, all of its processes. Undo: starts it if it ran before and its files are there.",
                [ActionForms.Target],
                keys => new KillPostgres { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsFault => true;

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"kill the server {On}";
    }
}
