using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Notes what a query gives, as evidence.</summary>
    public sealed record Measure : StepAction
    {
        /// <summary>Note: the value, as text; empty for null.</summary>
        public const string ValueNote = "value";

        internal static readonly PlanKey<string> QueryKey = new("query", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "select max(occurred_at) from audit_logs",
            About = "A query that gives one value. It goes into the ledger: no people's data.",
        };

        internal static ActionForm Form { get; } =
            new(
                "measure",
                "Notes the value that a query gives.",
                [ActionForms.Target, QueryKey],
                keys => new Measure { On = new TargetId(keys.Get(ActionForms.Target)), Query = keys.Get(QueryKey) }
            );

        public required TargetId On { get; init; }

        public required string Query { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"note what {On} answers";
    }
}
