using System.Globalization;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Kills a service of the drill; to undo it, it is started if it ran before.</summary>
internal sealed class KillServiceWork(StepAction.KillService action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Clocks of files and of processes are read in different ways.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private ServiceWork Service => new(action.On, ServiceVerb.Start, Call, Tools);

    public override Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        Service.LookAsync(cancellationToken);

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        if (await Service.ProbeAsync(cancellationToken) != true)
            return Call.Attempt > 1
                ? StepReport.Done($"{action.On} is down already")
                : throw FaultProblems.NothingToBreak($"service {action.On} does not run");
        if (action.PidFile is { } file)
            return await KillByFileAsync(file, cancellationToken);
        if (Target<Target.Service>(action.On).Unit is not { } unit)
            throw FaultProblems.NothingToBreak($"service {action.On} is no unit, and the step names no 'pid-file'");
        var code = await RunAsync(["systemctl", "kill", "--signal=SIGKILL", unit], Call, Tools, cancellationToken);
        return code == 0
            ? StepReport.Done($"all processes of unit {unit} were killed")
            : throw FaultProblems.UnitStays(action.On, code);
    }

    public override Task<StepReport> UndoAsync(CancellationToken cancellationToken) =>
        Service.UndoAsync(cancellationToken);

    private async Task<StepReport> KillByFileAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw FaultProblems.NothingToBreak($"{file} is not there");
        var text = await File.ReadAllTextAsync(file, cancellationToken);
        if (
            !int.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var process)
            || process <= 1
            || !DrillFolder.IsRunning(process)
        )
            throw FaultProblems.NothingToBreak($"{file} names no process that runs");
        if (process == Environment.ProcessId || !IsOf(process, file))
            throw FaultProblems.ForeignProcess($"the one that wrote {file}", process);
        await DrillFolder.KillAsync(process, $"process {process}", Tools.Time, cancellationToken);
        return StepReport.Done(
            $"process {process} of {action.On} was killed",
            new StepNote("process", process.ToString(CultureInfo.InvariantCulture))
        );
    }

    /// <summary>A number that was given out again is younger than the file.</summary>
    private static bool IsOf(int process, string file)
    {
        try
        {
            using var running = System.Diagnostics.Process.GetProcessById(process);
            return running.StartTime.ToUniversalTime() <= File.GetLastWriteTimeUtc(file) + Slack;
        }
        catch (ArgumentException)
        {
            return false; // gone meanwhile
        }
    }
}
