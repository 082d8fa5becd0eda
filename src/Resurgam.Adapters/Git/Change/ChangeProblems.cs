using System.Globalization;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Git.Change;

internal static class ChangeProblems
{
    private const int MostShown = 10;

    public static ResurgamException NoBranch(Target.Git target) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"{target.Address} has no branch {target.Branch}",
            "'git ls-remote --heads ADDRESS' lists those that it has."
        );

    public static ResurgamException NoCommit(Target.Git target, string revision) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"{revision} is no commit of branch {target.Branch} of {target.Address}, or several begin so; nothing was changed",
            "'git log' of the branch lists its commits. Write the whole id."
        );

    public static ResurgamException NotInOrder(string after, string until) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"{after} is not an ancestor of {until}; nothing was changed",
            "Write the commit that stays first, and the last one that is taken back behind the dots: 'OLD..NEW'."
        );

    public static ResurgamException First(string commit) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"{commit} is the first commit that there is: without it nothing would be left; nothing was changed",
            "Name a commit that has one before it; a shallow repository may lack it."
        );

    public static ResurgamException NotNoted(GitSpan span) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"nobody noted what the newest commit was when the step began, and {span} could mean more by now; nothing was changed",
            "Write the last commit that is taken back: 'ID..ID'."
        );

    public static ResurgamException NotInFolder(string folder, string revision) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"{folder} is no bare repository that has {revision}, or several of its commits begin so; nothing was changed",
            "'git --git-dir FOLDER log --all' lists its commits. Restore it first, and write the whole id."
        );

    public static ResurgamException NotForward(Target.Git target, string tip, string wanted) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"branch {target.Branch} of {target.Address} is at {tip}, which {wanted} does not come after; nothing was changed",
            "Look at what only the branch has. If it may go, write 'replace: true': it stays on the server as a ref of its own."
        );

    public static ResurgamException MovedSince(Target.Git target, string? old, string? now) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"branch {target.Branch} of {target.Address} was {PlaceOf(old)}, and is {PlaceOf(now)} now: somebody else pushes; nothing was changed",
            "Find out who: 'git log' of the branch. Then do it by hand and end the step with 'resurgam runs done', or begin another run."
        );

    public static ResurgamException TipNotNoted(Target.Git target) =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            $"nobody noted where branch {target.Branch} of {target.Address} was when the step began; nothing was changed",
            "The server did not answer then. Do it by hand and end the step with 'resurgam runs done', or begin another run."
        );

    public static ResurgamException TooOld() =>
        Of(
            "git-step-refused",
            Remedy.Fix,
            "this git cannot merge without a checkout; nothing was changed",
            "Install git 2.38 or later; 'git --version' tells which it is."
        );

    /// <param name="files">For people.</param>
    public static ResurgamException Conflict(Target.Git target, IReadOnlyList<string> files) =>
        Of(
            "git-conflict",
            Remedy.Fix,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{files.Count} {(files.Count == 1 ? "file" : "files")} of branch {target.Branch} of {target.Address} {(files.Count == 1 ? "was" : "were")} changed again since then: {string.Join(", ", files.Take(MostShown))}{(files.Count > MostShown ? ", ..." : "")}; nothing was pushed"
            ),
            "Take the later changes back as well ('ID..ID'), or do it by hand with 'git revert' and end the step with 'resurgam runs done'."
        );

    public static ResurgamException Moving(Target.Git target) =>
        Of(
            "git-moved",
            Remedy.Retry,
            $"branch {target.Branch} of {target.Address} moves on again and again while our commit is on its way",
            "Find out who pushes: 'git log' of the branch. An automation has to be paused first."
        );

    public static ResurgamException Rejected(Target.Git target, string told) =>
        Of(
            "git-push-rejected",
            Remedy.Fix,
            $"{target.Address} has not taken our commit on {target.Branch}: {told}",
            "Its owner has to allow it: a protected branch, a hook, or rules for authors ('author' of the target)."
        );

    private static string PlaceOf(string? tip) => tip is null ? "absent" : $"at {tip}";

    private static ResurgamException Of(string code, Remedy remedy, string what, string hint) =>
        new(new Problem(code, remedy, what, hint));
}
