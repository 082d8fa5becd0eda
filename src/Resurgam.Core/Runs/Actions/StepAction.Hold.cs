using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Waits until conditions hold, and then sees that they keep holding.</summary>
    public sealed record Hold : StepAction
    {
        /// <summary>Note: since when all of them have held, as RFC 3339 has it.</summary>
        public const string SinceNote = "held-since";

        internal static readonly PlanKey<ValueList<Condition>> ConditionsKey = new(
            "conditions",
            new("list of groups", [], RunbookReader.ReadConditions)
        )
        {
            IsRequired = true,
            Example = "[{ http: { target: api, path: /health } }]",
            About = "Conditions, each as a postcondition is written.",
        };

        private static readonly PlanKey<TimeSpan> ForKey = new(
            "for",
            PlanTypes.DurationBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1))
        )
        {
            IsRequired = true,
            Example = "30s",
            About = "How long they have to keep holding: they are asked every second, and one miss fails the step.",
        };

        internal static ActionForm Form { get; } =
            new(
                "hold",
                "Waits until conditions hold, all at once, and sees that they keep holding.",
                [ConditionsKey, ForKey],
                keys => new Hold { Asked = keys.Get(ConditionsKey), For = keys.Get(ForKey) }
            );

        public required ValueList<Condition> Asked { get; init; }

        public required TimeSpan For { get; init; }

        public override string Kind => Form.Name;

        public override ValueList<Condition> Conditions => Asked;

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        /// <summary>For people: <c>3 conditions hold</c>.</summary>
        public string Words => Asked.Count == 1 ? "1 condition holds" : $"{Asked.Count} conditions hold";

        public override string Describe() => $"see that {Words} for {Duration.Format(For)}";
    }
}
