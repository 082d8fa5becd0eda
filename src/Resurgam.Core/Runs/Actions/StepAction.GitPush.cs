using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Brings a branch to a commit of a repository of this machine.</summary>
    public sealed record GitPush : StepAction
    {
        private static readonly PlanKey<string> FromKey = new("from", PlanTypes.AbsolutePath)
        {
            IsRequired = true,
            Example = "/srv/recovery/git/policies.git",
            About = "Folder of a bare repository, as `vault-restore` of a `git` asset leaves it.",
        };

        private static readonly PlanKey<string?> DrillFromKey = new("drill-from", PlanTypes.AbsolutePath.OrNone)
        {
            DefaultInWords = "none: then no drill does this step",
            Example = "/srv/drill/git/policies.git",
            About = "The repository in a drill.",
        };

        private static readonly PlanKey<string?> CommitKey = new("commit", GitTypes.Revision.OrNone)
        {
            DefaultInWords = "the newest of the branch of the same name in `from`",
            Example = "tags/known-good",
            About = "What the branch is brought to: an id of `from`, or `tags/NAME`.",
        };

        private static readonly PlanKey<bool> ReplaceKey = new("replace", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About =
                "The branch may lose commits that the new one does not have: it is set back, or onto another history. What it was stays on the server as `refs/resurgam/RUN/STEP`.",
        };

        internal static ActionForm Form { get; } =
            new(
                "git-push",
                "Brings a branch to a commit of a repository of this machine, a restored one: makes the branch, or moves it on, or with `replace` puts another history in its place. Only if it is still what it was when the step began: nobody's work is pushed away unseen. Done when the server says so. Undo puts back what was there, if nobody has pushed since. Large files of LFS are not sent.",
                [ActionForms.Target, FromKey, DrillFromKey, CommitKey, ReplaceKey],
                keys => new GitPush
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    From = keys.Get(FromKey),
                    DrillFrom = keys.Get(DrillFromKey),
                    Commit = keys.Get(CommitKey),
                    Replaces = keys.Get(ReplaceKey),
                }
            );

        public required TargetId On { get; init; }

        /// <summary>Absolute.</summary>
        public required string From { get; init; }

        /// <summary>Absolute. Null: a drill cannot do it.</summary>
        public string? DrillFrom { get; init; }

        /// <summary>An id, or <c>tags/NAME</c>. Null: the tip of the branch.</summary>
        public string? Commit { get; init; }

        /// <summary>Commits that only the branch has may go.</summary>
        public bool Replaces { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Git.KindName];

        public override bool IsBound => DrillFrom is not null;

        /// <summary>A branch that is there already is left alone.</summary>
        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() =>
            $"{(Replaces ? "set" : "bring")} {On} to {Commit ?? "its branch"} of {From}";
    }
}
