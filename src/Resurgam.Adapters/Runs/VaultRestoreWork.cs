using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class VaultRestoreWork(StepAction.VaultRestore action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Note: how the folder was before.</summary>
    private const string Was = "folder-was";

    private const string Absent = "absent";
    private const string Empty = "empty";
    private const string Full = "full";

    private string To =>
        !Call.IsDrill
            ? action.To
            : action.DrillTo ?? throw ActionProblems.NoTarget(new TargetId(action.To), isDrill: true);

    /// <summary>In a drill the cluster listens elsewhere.</summary>
    private StepAction.VaultRestore Bound =>
        Call.IsDrill && action.DrillSettings is { } settings ? action with { Settings = settings } : action;

    private string At => action.At == StepAction.VaultRestore.AtOfRun ? Call.At ?? "latest" : action.At;

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        StepNote was = new(
            Was,
            !Directory.Exists(To) ? Absent
                : Directory.EnumerateFileSystemEntries(To).Any() ? Full
                : Empty
        );
        try
        {
            var planned = await Tools.Vault.RestoreAsync(Bound, To, At, isDryRun: true, cancellationToken);
            return planned with { Notes = [.. planned.Notes, was] };
        }
        catch (ResurgamException e) when (Call.IsDrill)
        {
            // What the undo goes by is known all the same.
            return StepReport.Done($"cannot be seen: {e.Problem.What}", was);
        }
    }

    /// <summary>A folder that an earlier attempt has filled in part is restored on, by content.</summary>
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        // A server that an earlier attempt has started waits for WAL that nobody hands it any more.
        if (Call.Attempt > 1 && Call.FindNote(Was) is Absent or Empty)
            await new DrillFolder(To, Tools.Time).KillServerAsync(cancellationToken);
        return await Tools.Vault.RestoreAsync(
            Bound with
            {
                IsDelta = action.IsDelta || (Call.Attempt > 1 && Directory.Exists(To)),
            },
            To,
            At,
            isDryRun: false,
            cancellationToken
        );
    }

    /// <summary>Of a drill: its server is killed and its files go. What was there before the drill is never touched.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(Was) is not (Absent or Empty))
            return StepReport.Done($"{To} was not empty before: it is left alone");
        DrillFolder folder = new(To, Tools.Time);
        folder.EnsurePlain();
        await folder.KillServerAsync(cancellationToken);
        await folder.ClearAsync(Call.FindNote(Was) == Absent, cancellationToken);
        return StepReport.Done($"{To} is {Call.FindNote(Was)} again");
    }
}
