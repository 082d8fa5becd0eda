using Resurgam.Core.Git;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Takes commits of a branch back by a new one.</summary>
    public sealed record GitRevert : StepAction
    {
        private static readonly PlanKey<GitSpan> CommitKey = new("commit", GitTypes.Span)
        {
            IsRequired = true,
            Example = "3f5f1f0",
            About =
                "What is taken back: a commit (`3f5f1f0`; of a merge all that it brought), those after one up to another (`0d6fa9a..3f5f1f0`), or all that came after one (`tags/known-good..`, up to what is the newest when the step begins). Ids, or `tags/NAME`.",
        };

        internal static ActionForm Form { get; } =
            new(
                "git-revert",
                "Takes commits of a branch back by one new commit on its tip, without a checkout, and pushes it only if the branch is still what it was built on: nobody's work is pushed away. Files that were changed again since then are a conflict, and nothing is pushed. Done when the server has the commit; a second try finds it by its trailer `Resurgam-Step`. Undo takes that commit back in the same way. It needs git 2.38.",
                [ActionForms.Target, CommitKey],
                keys => new GitRevert { On = new TargetId(keys.Get(ActionForms.Target)), Commits = keys.Get(CommitKey) }
            );

        public required TargetId On { get; init; }

        public required GitSpan Commits { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Git.KindName];

        /// <summary>Its commit is found by the trailer.</summary>
        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"take {Commits} of {On} back by a new commit";
    }
}
