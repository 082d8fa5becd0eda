using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>What a person does; the step is done when a person says so.</summary>
    public sealed record Manual : StepAction
    {
        private static readonly PlanKey<string> InstructionsKey = new("instructions", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "Call the hosting company and ask for the spare rack.",
            About = "What the person does.",
        };

        private static readonly PlanKey<string?> EvidenceKey = new("evidence", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "nothing",
            Example = "number of their ticket",
            About = "What the person is asked to note when it is done.",
        };

        internal static ActionForm Form { get; } =
            new(
                "manual",
                "A person does it, and says so with `runs done`.",
                [InstructionsKey, EvidenceKey],
                keys => new Manual { Instructions = keys.Get(InstructionsKey), Evidence = keys.Get(EvidenceKey) }
            );

        public required string Instructions { get; init; }

        public string? Evidence { get; init; }

        public override string Kind => Form.Name;

        public override bool IsIdempotent => false;

        public override bool IsForPeople => true;

        public override bool IsBound => false;

        public override string Describe() => $"by hand: {Instructions}";
    }
}
