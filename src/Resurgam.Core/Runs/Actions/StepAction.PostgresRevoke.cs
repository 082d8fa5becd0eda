using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Bars a credential that another one has taken the place of, and ends its sessions.</summary>
    public sealed record PostgresRevoke : StepAction
    {
        private static readonly PlanKey<string> RoleKey = new("role", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "app",
            About = "The role that may no longer log in. What it owns stays its own.",
        };

        private static readonly PlanKey<string> InFavourOfKey = new("in-favour-of", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "app-b",
            About = "The role that clients log in as now. When it cannot, the step fails and bars nobody.",
        };

        internal static ActionForm Form { get; } =
            new(
                "postgres-revoke",
                "Bars a role from logging in and ends its sessions, after `postgres-rotate` and when clients use the other one; done when none is left. Undo lets it in again.",
                [ActionForms.Target, RoleKey, InFavourOfKey],
                keys => new PostgresRevoke
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    Role = keys.Get(RoleKey),
                    InFavourOf = keys.Get(InFavourOfKey),
                }
            );

        public required TargetId On { get; init; }

        public required string Role { get; init; }

        public required string InFavourOf { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"bar {Role} from {On} in favour of {InFavourOf}";
    }
}
