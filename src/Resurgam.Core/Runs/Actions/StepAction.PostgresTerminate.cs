using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Ends sessions of clients.</summary>
    public sealed record PostgresTerminate : StepAction
    {
        private static readonly PlanKey<string?> UserKey = new("user", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "of every user",
            Example = "app",
            About = "Only sessions of this user.",
        };

        private static readonly PlanKey<string?> DatabaseKey = new("database", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "in every database",
            Example = "shop",
            About = "Only sessions in this database.",
        };

        internal static ActionForm Form { get; } =
            new(
                "postgres-terminate",
                "Ends sessions of clients, never our own nor those of replication; done when none of them is left.",
                [ActionForms.Target, UserKey, DatabaseKey],
                keys => new PostgresTerminate
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    User = keys.Get(UserKey),
                    Database = keys.Get(DatabaseKey),
                }
            );

        public required TargetId On { get; init; }

        public string? User { get; init; }

        public string? Database { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() =>
            $"end the sessions of {User ?? "all users"} in {Database ?? "all databases"} of {On}";
    }
}
