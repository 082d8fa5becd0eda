using System.Globalization;
using Resurgam.Adapters.Git.Change;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

/// <summary>Whether it was done is what the server's branch says: our commits have a trailer with run and step.</summary>
internal sealed class GitRevertWork(StepAction.GitRevert action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string StepTrailer = "Resurgam-Step";
    private const string UndoTrailer = "Resurgam-Undo";

    /// <summary>Notes: where the branch was before; what stays, and the last one that is taken back.</summary>
    private const string OldTip = "old-tip";
    private const string After = "after";
    private const string Until = "until";

    /// <summary>Others push a few times while we do; somebody who always wins is an automation.</summary>
    private const int MostPushes = 5;

    /// <summary>A look has ten seconds, and what it noted until then would be lost with them.</summary>
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(6);

    private const int MostListed = 20;
    private const int MostFilesShown = 5;

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var branch = await OpenAsync(cancellationToken);
        var seen = await branch.AskAsync(action.Commits.Tags, cancellationToken);
        using CancellationTokenSource limit = new(LookLimit, Tools.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await LookIntoAsync(branch, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return StepReport.Done(
                $"{Place} is at {Short(seen)}; it takes longer than {Duration.Format(LookLimit)} to look into it",
                new StepNote(OldTip, seen)
            );
        }
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var branch = await OpenAsync(cancellationToken);
        return await RevertAsync(
            branch,
            StepTrailer,
            async tip => await NotedAsync(branch, tip, cancellationToken),
            cancellationToken
        );
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        using var branch = await OpenAsync(cancellationToken);
        return await RevertAsync(branch, UndoTrailer, _ => OursAsync(branch, cancellationToken), cancellationToken);
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var branch = await OpenAsync(cancellationToken);
        await FetchAsync(branch, cancellationToken);
        return await FindAsync(branch, StepTrailer, cancellationToken) is not null;
    }

    private string Place => $"branch {Target<Target.Git>(action.On).Branch} of {action.On}";

    private string Mark => $"{Call.Run}/{Call.Step.Id}";

    private async Task<StepReport> LookIntoAsync(BranchCopy branch, CancellationToken cancellationToken)
    {
        var tip = await FetchAsync(branch, cancellationToken);
        var span = await ResolveAsync(branch, tip, tip, cancellationToken);
        var tree = await branch.TreeWithoutAsync(tip, span.After, span.Until, cancellationToken);
        var files = await branch.FilesBetweenAsync(
            await branch.TreeOfAsync(tip, cancellationToken),
            tree,
            cancellationToken
        );
        var shown = $"{string.Join(", ", files.Take(MostFilesShown))}{(files.Count > MostFilesShown ? ", ..." : "")}";
        var words = await WordsAsync(branch, span, cancellationToken);
        return StepReport.Done(
            files.Count == 0
                ? $"{Place} is without {words} already"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Place} is at {Short(tip)}; {words} would be taken back: {files.Count} {(files.Count == 1 ? "file" : "files")} ({shown})"
                ),
            new StepNote(OldTip, tip),
            new StepNote(After, span.After),
            new StepNote(Until, span.Until)
        );
    }

    /// <summary>Until the server has a commit with our trailer: what it says of a push is only a hint.</summary>
    /// <param name="find">What is taken back; null: nothing is left to.</param>
    private async Task<StepReport> RevertAsync(
        BranchCopy branch,
        string trailer,
        Func<string, Task<CommitSpan?>> find,
        CancellationToken cancellationToken
    )
    {
        ResurgamException? refusal = null;
        string? before = null;
        for (var push = 0; ; push++)
        {
            var tip = await FetchAsync(branch, cancellationToken);
            if (await FindAsync(branch, trailer, cancellationToken) is { } ours)
                return StepReport.Done(
                    $"{Short(ours)} on {Place}: {await branch.SubjectOfAsync(ours, cancellationToken)}",
                    new StepNote("commit", ours)
                );
            if (refusal is not null && tip == before)
                throw refusal; // and not because the branch has moved
            if (push == MostPushes)
                throw ChangeProblems.Moving(Target<Target.Git>(action.On));
            if (await find(tip) is not { } span)
                return StepReport.Done($"{Place} has no commit of this step: nothing was to undo");
            var tree = await branch.TreeWithoutAsync(tip, span.After, span.Until, cancellationToken);
            if (tree == await branch.TreeOfAsync(tip, cancellationToken))
                return StepReport.Done(
                    $"{Place} is without {await WordsAsync(branch, span, cancellationToken)} already"
                );
            var message = await MessageAsync(branch, span, trailer, cancellationToken);
            var commit = await branch.MakeAsync(tree, tip, message, Tools.Time.GetUtcNow(), cancellationToken);
            refusal = await branch.TryPushAsync(tip, commit, cancellationToken);
            before = tip;
        }
    }

    private async Task<BranchCopy> OpenAsync(CancellationToken cancellationToken)
    {
        var target = Target<Target.Git>(action.On);
        var access = await BranchCopy.AccessOfAsync(target, Tools.Secrets, cancellationToken);
        return BranchCopy.Open(
            target,
            new GitProgram(access with { Timeout = Call.Step.Timeout }, Tools.Time),
            Tools.ScratchFolder
        );
    }

    private Task<string> FetchAsync(BranchCopy branch, CancellationToken cancellationToken) =>
        // What was noted has no need of them, and they may be gone.
        branch.FetchAsync(Call.FindNote(Until) is null ? [.. action.Commits.Tags] : [], cancellationToken);

    private Task<string?> FindAsync(BranchCopy branch, string trailer, CancellationToken cancellationToken) =>
        branch.FindByTrailerAsync(trailer, Mark, Call.FindNote(OldTip), cancellationToken);

    private async Task<CommitSpan?> OursAsync(BranchCopy branch, CancellationToken cancellationToken) =>
        await FindAsync(branch, StepTrailer, cancellationToken) is { } ours
        && await branch.FindAsync($"{ours}^", cancellationToken) is { } parent
            ? new CommitSpan(parent, ours)
            : null;

    /// <summary>What was seen before the first attempt, so that later ones mean the same.</summary>
    private async Task<CommitSpan> NotedAsync(BranchCopy branch, string tip, CancellationToken cancellationToken)
    {
        if (Call.FindNote(After) is { } after && Call.FindNote(Until) is { } until)
            return await branch.IsAncestorAsync(until, tip, cancellationToken)
                ? new CommitSpan(after, until)
                : throw ChangeProblems.NoCommit(Target<Target.Git>(action.On), until);
        return await ResolveAsync(branch, tip, Call.FindNote(OldTip), cancellationToken);
    }

    /// <param name="tip">Where the branch is.</param>
    /// <param name="newest">Where it was when the step began; null: nobody noted it.</param>
    private async Task<CommitSpan> ResolveAsync(
        BranchCopy branch,
        string tip,
        string? newest,
        CancellationToken cancellationToken
    )
    {
        var last = action.Commits.Until ?? newest ?? throw ChangeProblems.NotNoted(action.Commits);
        var until = await OnBranchAsync(branch, tip, last, cancellationToken);
        if (action.Commits.After is not { } old)
            return new CommitSpan(
                await branch.FindAsync($"{until}^", cancellationToken) ?? throw ChangeProblems.First(until),
                until
            );
        var after = await OnBranchAsync(branch, tip, old, cancellationToken);
        return await branch.IsAncestorAsync(after, until, cancellationToken)
            ? new CommitSpan(after, until)
            : throw ChangeProblems.NotInOrder(old, action.Commits.Until ?? until);
    }

    private async Task<string> OnBranchAsync(
        BranchCopy branch,
        string tip,
        string revision,
        CancellationToken cancellationToken
    ) =>
        await branch.FindAsync(revision, cancellationToken) is { } commit
        && await branch.IsAncestorAsync(commit, tip, cancellationToken)
            ? commit
            : throw ChangeProblems.NoCommit(Target<Target.Git>(action.On), revision);

    private static async Task<string> WordsAsync(
        BranchCopy branch,
        CommitSpan span,
        CancellationToken cancellationToken
    ) =>
        await IsOneAsync(branch, span, cancellationToken)
            ? $"{Short(span.Until)} ({await branch.SubjectOfAsync(span.Until, cancellationToken)})"
            : $"{Short(span.After)}..{Short(span.Until)}";

    private async Task<string> MessageAsync(
        BranchCopy branch,
        CommitSpan span,
        string trailer,
        CancellationToken cancellationToken
    )
    {
        if (await IsOneAsync(branch, span, cancellationToken))
            return $"Revert \"{await branch.SubjectOfAsync(span.Until, cancellationToken)}\"\n\nThis reverts commit {span.Until}.\n\n{trailer}: {Mark}";
        var listed = await branch.ListAsync(span.After, span.Until, MostListed, cancellationToken);
        var more = listed.Count == MostListed ? "\n- and what came before" : "";
        return $"Revert {Short(span.After)}..{Short(span.Until)}\n\nThis reverts what came after {span.After}\nup to {span.Until}:\n\n- {string.Join("\n- ", listed)}{more}\n\n{trailer}: {Mark}";
    }

    /// <summary>Or a merge, with all that it brought.</summary>
    private static async Task<bool> IsOneAsync(
        BranchCopy branch,
        CommitSpan span,
        CancellationToken cancellationToken
    ) => await branch.FindAsync($"{span.Until}^", cancellationToken) == span.After;

    private static string Short(string id) => id[..10];

    /// <summary>Whole ids.</summary>
    private sealed record CommitSpan(string After, string Until);
}
