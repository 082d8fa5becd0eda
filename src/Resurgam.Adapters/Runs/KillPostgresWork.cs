using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Kills a server of the drill; to undo it, it is started if it ran before and its files are there.</summary>
internal sealed class KillPostgresWork(StepAction.KillPostgres action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string Ran = "ran";

    private string DataDirectory =>
        Target<Target.Postgres>(action.On).DataDirectory ?? throw ActionProblems.NotLocal(action.On);

    private DrillFolder Folder => new(DataDirectory, Tools.Time);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        var runs = await Folder.FindServerAsync(cancellationToken) is not null;
        return StepReport.Done($"{action.On} {(runs ? "runs" : "is down")}", new StepNote(Ran, runs ? "yes" : "no"));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        Folder.EnsurePlain();
        if (await Folder.KillServerAsync(cancellationToken))
            return StepReport.Done($"all processes of {action.On} were killed");
        return Call.Attempt > 1
            ? StepReport.Done($"{action.On} is down already")
            : throw FaultProblems.NothingToBreak($"{action.On} does not run on {DataDirectory}");
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(Ran) != "yes")
            return StepReport.Done("it was down before");
        if (!File.Exists(Path.Combine(DataDirectory, "PG_VERSION")))
            return StepReport.Done("its files are gone: nothing is started");
        if (await Folder.FindServerAsync(cancellationToken) is not null)
            return StepReport.Done($"{action.On} runs");
        await ServerControl.RestartAsync(Target<Target.Postgres>(action.On), Call, Tools, cancellationToken);
        return StepReport.Done($"{action.On} runs again");
    }
}
