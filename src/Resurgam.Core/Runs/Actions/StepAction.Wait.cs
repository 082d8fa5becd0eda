using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Lets time pass.</summary>
    public sealed record Wait : StepAction
    {
        private static readonly PlanKey<TimeSpan> ForKey = new(
            "for",
            PlanTypes.DurationBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(7))
        )
        {
            IsRequired = true,
            Example = "5m",
            About = "How long.",
        };

        internal static ActionForm Form { get; } =
            new("wait", "Lets time pass.", [ForKey], keys => new Wait { For = keys.Get(ForKey) });

        public required TimeSpan For { get; init; }

        public override string Kind => Form.Name;

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"wait {Duration.Format(For)}";
    }
}
