using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Makes a second credential that is as good as the first, which stays valid until <see cref="PostgresRevoke"/>.</summary>
    public sealed record PostgresRotate : StepAction
    {
        private static readonly PlanKey<string> FromKey = new("from", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "app",
            About = "The role that clients log in as now. It is not touched.",
        };

        private static readonly PlanKey<string> ToKey = new("to", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "app-b",
            About =
                "The role that they will log in as: made when it is missing, and given all that `from` may. The next rotation goes the other way.",
        };

        private static readonly PlanKey<SecretSource> PasswordKey = new("password", SecretSection.Type)
        {
            IsRequired = true,
            Example = "{ file: /etc/resurgam/app-b }",
            About = "Where its new password is found: `env`, `file` or `command`, as in `vault.secret`.",
        };

        internal static ActionForm Form { get; } =
            new(
                "postgres-rotate",
                "Lets a second role log in with a new password, beside the first; done when the server knows the password, and with `clients` of the target when it gets in there. Only a hash of the password leaves this machine. A role that can log in already with another password is refused. Undo bars the second role again.",
                [ActionForms.Target, FromKey, ToKey, PasswordKey],
                keys => new PostgresRotate
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    From = keys.Get(FromKey),
                    To = keys.Get(ToKey),
                    Password = keys.Get(PasswordKey),
                }
            );

        public required TargetId On { get; init; }

        public required string From { get; init; }

        public required string To { get; init; }

        public required SecretSource Password { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"let {To} log in to {On} beside {From}, with a new password";
    }
}
