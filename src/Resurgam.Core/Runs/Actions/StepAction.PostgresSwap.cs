using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Gives a proven copy the name of a database, and keeps what had it under another one.</summary>
    public sealed record PostgresSwap : StepAction
    {
        private static readonly PlanKey<string> DatabaseKey = Name(
            "database",
            "shop",
            "The name that the copy gets. A database that has it now is renamed, never dropped."
        );

        private static readonly PlanKey<string> BesideKey = Name(
            "beside",
            "shop-restored",
            "The copy, on the same server, as it is called now."
        );

        private static readonly PlanKey<string> KeepKey = Name(
            "keep",
            "shop-before",
            "What the old database will be called. It stays until somebody drops it by hand."
        );

        private static readonly PlanKey<string> QueryKey = new("query", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "select count(*) > 0 from orders",
            About = "The proof: a query that the copy is asked before any name is changed. It gives one value.",
        };

        private static readonly PlanKey<string> ExpectKey = new("expect", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "t",
            About = "The value that must come, as text; else nothing is changed.",
        };

        internal static ActionForm Form { get; } =
            new(
                "postgres-swap",
                "Swaps a database that was restored beside into place: the copy is questioned, and then names are changed, all in one transaction. Sessions of both are ended. Undo changes the names back.",
                [ActionForms.Target, DatabaseKey, BesideKey, KeepKey, QueryKey, ExpectKey],
                keys => new PostgresSwap
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    Database = keys.Get(DatabaseKey),
                    Beside = keys.Get(BesideKey),
                    Keep = keys.Get(KeepKey),
                    Query = keys.Get(QueryKey),
                    Expect = keys.Get(ExpectKey),
                }
            );

        public required TargetId On { get; init; }

        public required string Database { get; init; }

        public required string Beside { get; init; }

        public required string Keep { get; init; }

        public required string Query { get; init; }

        public required string Expect { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"rename {Beside} of {On} to {Database}, and keep the old one as {Keep}";

        private static PlanKey<string> Name(string name, string example, string about) =>
            new(name, PlanTypes.Text)
            {
                IsRequired = true,
                Example = example,
                About = about,
            };
    }
}
