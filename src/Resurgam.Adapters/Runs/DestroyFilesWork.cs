using Resurgam.Adapters.Processes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Deletes what is in a place of the drill. Hard links beside it keep the files until the undo.</summary>
internal sealed class DestroyFilesWork(StepAction.DestroyFiles action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private DrillFolder Folder => new(action.Path, Tools.Time);

    private string Kept =>
        Path.Combine(
            Path.GetDirectoryName(action.Path) ?? "/",
            $".{Path.GetFileName(action.Path)}.kept-{Call.Run}-{Call.Step.Id}"
        );

    public override Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            StepReport.Done(
                Directory.Exists(action.Path)
                    ? $"{Directory.GetFileSystemEntries(action.Path).Length} entries in {action.Path} would be deleted"
                : File.Exists(action.Path) ? $"{action.Path} would be deleted"
                : $"{action.Path} is not there"
            )
        );

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        Folder.EnsurePlain();
        if (!Path.Exists(action.Path))
            return Call.Attempt > 1
                ? StepReport.Done($"{action.Path} is gone already")
                : throw FaultProblems.NothingToBreak($"{action.Path} is not there");
        if (!Path.Exists(Kept))
            await KeepAsync(cancellationToken);
        if (File.Exists(action.Path))
            File.Delete(action.Path);
        else
            await Folder.ClearAsync(isRemoved: false, cancellationToken);
        return StepReport.Done($"what was in {action.Path} is deleted");
    }

    /// <summary>What the recovery has put there instead is the drill's own, and goes.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (!Path.Exists(Kept))
            return StepReport.Done("nothing was deleted");
        Folder.EnsurePlain();
        await Folder.KillServerAsync(cancellationToken);
        await Folder.ClearAsync(isRemoved: true, cancellationToken);
        try
        {
            if (Directory.Exists(Kept))
                Directory.Move(Kept, action.Path);
            else
                File.Move(Kept, action.Path, overwrite: true);
        }
        catch (IOException e)
        {
            throw FaultProblems.Files(action.Path, e);
        }
        return StepReport.Done($"{action.Path} is as it was");
    }

    /// <summary>Whole, or not at all.</summary>
    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var making = $"{Kept}.making";
        await new DrillFolder(making, Tools.Time).ClearAsync(isRemoved: true, cancellationToken);
        var copy = await Tools.Processes.RunAsync(
            new ProcessRequest
            {
                Program = "cp",
                Arguments = ["-al", "--", action.Path, making],
                Timeout = Call.Step.Timeout,
            },
            cancellationToken
        );
        if (copy.ExitCode != 0)
            throw FaultProblems.Command("cp -al", copy.Error.Trim());
        Directory.Move(making, Kept); // a file, too
    }
}
