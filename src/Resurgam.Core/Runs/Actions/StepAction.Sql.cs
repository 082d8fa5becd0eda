using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Statements for a PostgreSQL server, in one transaction if they say nothing else.</summary>
    public sealed record Sql : StepAction
    {
        private static readonly PlanKey<string> StatementKey = new("statement", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "update feature set enabled = false where name = 'import'",
            About = "One or more statements; without other words they are one transaction.",
        };

        private static readonly PlanKey<bool> IdempotentKey = new("idempotent", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About = "Whether it may be repeated after a crash. Else the step's postcondition decides, or a person.",
        };

        internal static ActionForm Form { get; } =
            new(
                "sql",
                "Runs SQL on a target of kind `postgres`.",
                [ActionForms.Target, StatementKey, IdempotentKey],
                keys => new Sql
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    Statement = keys.Get(StatementKey),
                    MayRepeat = keys.Get(IdempotentKey),
                }
            );

        public required TargetId On { get; init; }

        public required string Statement { get; init; }

        public bool MayRepeat { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => MayRepeat;

        public override string Describe() => $"SQL on {On}: {Statement}";
    }
}
