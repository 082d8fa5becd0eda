using Resurgam.Adapters.Git.Change;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Whether it was done is where the server's branch is. It goes from what was noted to what was noted, and from nothing else.</summary>
internal sealed class GitPushWork(StepAction.GitPush action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    /// <summary>Notes: where the branch was before the first attempt, and what it is brought to.</summary>
    private const string OldTip = "old-tip";
    private const string Commit = "commit";

    /// <summary>There was no such branch.</summary>
    private const string Nothing = "none";

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        var branch = await OpenAsync(cancellationToken);
        var tip = await branch.FindTipAsync(cancellationToken);
        var wanted = await WantedAsync(branch, cancellationToken);
        var words =
            tip == wanted ? $"is at {Short(wanted)} already"
            : tip is null ? $"would be made at {Short(wanted)}"
            : await GoesOnAsync(branch, tip, wanted, cancellationToken)
                ? $"would go on from {Short(tip)} to {Short(wanted)}"
            : $"would be set from {Short(tip)} to {Short(wanted)}; what it was would stay as {Kept}";
        return StepReport.Done($"{Place} {words}", NotesOf(tip, wanted));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var branch = await OpenAsync(cancellationToken);
        var tip = await branch.FindTipAsync(cancellationToken);
        var wanted = await WantedAsync(branch, cancellationToken);
        if (tip == wanted)
            return StepReport.Done($"{Place} is at {Short(wanted)}");
        if (Call.FindNote(OldTip) is null && action.Replaces)
            throw ChangeProblems.TipNotNoted(On);
        if (Call.FindNote(OldTip) is not null && tip != Old)
            throw ChangeProblems.MovedSince(On, Old, tip);

        var goesOn = tip is null || await GoesOnAsync(branch, tip, wanted, cancellationToken);
        if (!goesOn)
            await branch.FetchAsync(name: null, cancellationToken);
        var refusal = await branch.TryPushAsync(tip, wanted, goesOn ? null : Kept, cancellationToken);
        if (refusal is not null && await branch.FindTipAsync(cancellationToken) != wanted)
            throw refusal;
        var kept = goesOn ? "" : $"; what it was is {Kept}";
        return StepReport.Done(
            $"{Place} was {(tip is null ? "absent" : $"at {Short(tip)}")}, and is at {Short(wanted)}{kept}",
            NotesOf(tip, wanted)
        );
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        var branch = await OpenAsync(cancellationToken);
        var tip = await branch.FindTipAsync(cancellationToken);
        if (Call.FindNote(OldTip) is null || Call.FindNote(Commit) is not { } ours)
            return tip is null || tip != await WantedAsync(branch, cancellationToken)
                ? StepReport.Done($"{Place} is not where this step brings it: nothing was to undo")
                : throw ChangeProblems.TipNotNoted(On);
        if (tip == Old)
            return StepReport.Done($"{Place} is what it was: nothing was to undo");
        if (tip != ours)
            return await WasDoneAsync(branch, ours, tip, cancellationToken)
                ? throw ChangeProblems.MovedSince(On, ours, tip)
                : StepReport.Done(
                    $"{Place} is {(tip is null ? "gone" : $"at {Short(tip)}")}, by others, and has nothing of this step: nothing was to undo"
                );

        if (Old is { } old && await branch.FindAsync(old, cancellationToken) is null)
            await branch.FetchAsync(Kept, cancellationToken);
        var refusal = await branch.TryPushAsync(ours, Old, kept: null, cancellationToken);
        if (refusal is not null && await branch.FindTipAsync(cancellationToken) != Old)
            throw refusal;
        return StepReport.Done($"{Place} is {(Old is null ? "gone" : $"at {Short(Old)}")} again");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        var branch = await OpenAsync(cancellationToken);
        var tip = await branch.FindTipAsync(cancellationToken);
        return tip == await WantedAsync(branch, cancellationToken) ? true
            : Call.FindNote(OldTip) is not null && tip == Old ? false
            : null;
    }

    private Target.Git On => Target<Target.Git>(action.On);

    private string Place => $"branch {On.Branch} of {action.On}";

    private string Folder =>
        !Call.IsDrill
            ? action.From
            : action.DrillFrom ?? throw ActionProblems.NoTarget(new TargetId(action.From), isDrill: true);

    /// <summary>Outside of heads and tags: nothing is rolled out of it.</summary>
    private string Kept => $"refs/resurgam/{Call.Run}/{Call.Step.Id}";

    /// <summary>As noted.</summary>
    private string? Old => Call.FindNote(OldTip) is { } noted && noted != Nothing ? noted : null;

    private static StepNote[] NotesOf(string? tip, string wanted) =>
        [new StepNote(OldTip, tip ?? Nothing), new StepNote(Commit, wanted)];

    private async Task<BranchPush> OpenAsync(CancellationToken cancellationToken)
    {
        var access = await BranchCopy.AccessOfAsync(On, Tools.Secrets, cancellationToken);
        return new BranchPush(On, new GitProgram(access with { Timeout = Call.Step.Timeout }, Tools.Time), Folder);
    }

    /// <summary>What was meant before the first attempt, so that later ones mean the same.</summary>
    private async Task<string> WantedAsync(BranchPush branch, CancellationToken cancellationToken) =>
        await branch.FindAsync(Call.FindNote(Commit) ?? action.Commit, cancellationToken)
        ?? throw ChangeProblems.NotInFolder(Folder, action.Commit ?? $"branch {On.Branch}");

    /// <returns>False: the branch has commits that the new one does not have, and they may go.</returns>
    private async Task<bool> GoesOnAsync(
        BranchPush branch,
        string tip,
        string wanted,
        CancellationToken cancellationToken
    ) =>
        await branch.IsAncestorAsync(tip, wanted, cancellationToken)
        || (action.Replaces ? false : throw ChangeProblems.NotForward(On, tip, wanted));

    /// <summary>For a branch that is elsewhere: whether this step ever brought it to its commit, and that is in it or put something aside.</summary>
    private async Task<bool> WasDoneAsync(
        BranchPush branch,
        string ours,
        string? tip,
        CancellationToken cancellationToken
    )
    {
        if (await branch.FindTipAsync(Kept, cancellationToken) is not null)
            return true; // made at the same moment
        if (tip is null)
            return false;
        await branch.FetchAsync(name: null, cancellationToken);
        if (await branch.FindAsync(tip, cancellationToken) is null)
            return true; // it moves as we look
        // Without the ref it can only have gone on; a commit that it had all along is none of ours.
        return await branch.IsAncestorAsync(ours, tip, cancellationToken)
            && (Old is not { } old || await branch.IsAncestorAsync(old, ours, cancellationToken));
    }

    private static string Short(string id) => id[..10];
}
