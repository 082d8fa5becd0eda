using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class TofuApplyWork(StepAction.TofuApply action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Note: SHA-256 of the saved plan that was looked at.</summary>
    private const string Digest = "plan";

    private Tofu Tofu => new(action.Program, action.Folder, Call, Tools);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        var changes = await Tofu.ShowAsync(action.File, cancellationToken);
        return StepReport.Done($"{changes}", new StepNote(Digest, changes.Digest));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var changes = await Tofu.ShowAsync(action.File, cancellationToken);
        if (Call.FindNote(Digest) is { } seen && seen != changes.Digest)
            throw ActionProblems.SavedPlanChanged(action.File);
        changes.Check(action.File, action.MayDelete);
        await Tofu.ApplyAsync(action.File, cancellationToken);
        return await Tofu.IsSettledAsync(cancellationToken)
            ? StepReport.Done($"carried out: {changes}", new StepNote(Digest, changes.Digest))
            : throw ActionProblems.NotSettled(action.Folder);
    }

    /// <summary>Whether anything is left to do: then a saved plan that was begun is stale, and a person decides.</summary>
    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken) =>
        await Tofu.IsSettledAsync(cancellationToken);
}
