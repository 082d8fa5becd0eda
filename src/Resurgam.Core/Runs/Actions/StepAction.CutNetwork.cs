using System.Text.RegularExpressions;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>A fault: nothing leaves a network namespace any more.</summary>
    public sealed partial record CutNetwork : StepAction
    {
        [GeneratedRegex(@"\Adrill(-[a-z0-9-]{1,30})?\z", RegexOptions.CultureInvariant)]
        private static partial Regex NamePattern { get; }

        private static readonly PlanKey<string> NamespaceKey = new(
            "namespace",
            new("name of a network namespace: `drill`, or `drill-` and more", "", ReadName)
        )
        {
            IsRequired = true,
            Example = "drill-services",
            About =
                "Network namespace of this machine (`ip netns`). Only one whose name begins with `drill` is touched.",
        };

        internal static ActionForm Form { get; } =
            new(
                "fault-cut-network",
                "A fault, only in drills and as root: no packet leaves a network namespace any more. Undo: they do again.",
                [NamespaceKey],
                keys => new CutNetwork { Namespace = keys.Get(NamespaceKey) }
            );

        public required string Namespace { get; init; }

        public override string Kind => Form.Name;

        public override bool IsFault => true;

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"cut the network of namespace {Namespace}";

        private static string ReadName(PlanValue value)
        {
            var written = PlanTypes.ReadText(value);
            if (written is not null && !NamePattern.IsMatch(written))
                value.Refuse(
                    RunbookProblems.Unfit(
                        value.Path,
                        written,
                        "a network namespace for drills: 'drill' or 'drill-NAME'"
                    )
                );
            return written ?? "";
        }
    }
}
