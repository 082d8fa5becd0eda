using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>A fault: deletes files of a place that is there for drills.</summary>
    public sealed record DestroyFiles : StepAction
    {
        private static readonly PlanKey<string> PathKey = new("path", PlanTypes.AbsolutePath)
        {
            IsRequired = true,
            Example = "/srv/drill/data",
            About = "A folder or file in a place of the drill: a `data-directory` below `drill`, or a `drill-to`.",
        };

        internal static ActionForm Form { get; } =
            new(
                "fault-destroy",
                "A fault, only in drills: deletes what is in a place of the drill. Undo: what was there is put back.",
                [PathKey],
                keys => new DestroyFiles { Path = keys.Get(PathKey) }
            );

        /// <summary>Absolute.</summary>
        public required string Path { get; init; }

        public override string Kind => Form.Name;

        public override bool IsFault => true;

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"delete what is in {Path}";
    }
}
