using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Tells people.</summary>
    public sealed record Notify : StepAction
    {
        private static readonly PlanKey<string> TextKey = new("text", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "The database is being restored; next word in 30 minutes.",
            About = "What they are told.",
        };

        private static readonly PlanKey<string?> SubjectKey = new("subject", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "the step's title",
            Example = "'[SEV-1] The database is down'",
            About = "Subject of a mail.",
        };

        internal static ActionForm Form { get; } =
            new(
                "notify",
                "Sends a message to a target of kind `webhook` or `mail`, and again while a server is out of reach or busy: always with the same id, by which who gets it twice can tell. In a drill it is only noted.",
                [ActionForms.Target, TextKey, SubjectKey],
                keys => new Notify
                {
                    To = new TargetId(keys.Get(ActionForms.Target)),
                    Text = keys.Get(TextKey),
                    Subject = keys.Get(SubjectKey),
                }
            );

        public required TargetId To { get; init; }

        public required string Text { get; init; }

        /// <summary>Of a mail. Null: the step's title.</summary>
        public string? Subject { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => To;

        internal override IReadOnlyList<string> TargetKinds =>
            [Runs.Target.Webhook.KindName, Runs.Target.Mail.KindName];

        /// <summary>Each message carries a key of its run and step: who gets it twice can tell.</summary>
        public override bool IsIdempotent => true;

        public override bool IsOutward => true;

        public override string Describe() => $"tell {To}: {Text}";
    }
}
