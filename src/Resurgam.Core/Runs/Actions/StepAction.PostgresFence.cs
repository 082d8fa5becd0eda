namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Keeps clients out of a server.</summary>
    public sealed record PostgresFence : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "postgres-fence",
                "Keeps clients out of a PostgreSQL server: no new connections to any database but by superusers on `postgres`, and those that are there are ended. Undo lets them in again.",
                [ActionForms.Target],
                keys => new PostgresFence { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"keep clients out of {On}";
    }
}
