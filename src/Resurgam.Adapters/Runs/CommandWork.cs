using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class CommandWork(StepAction.Command action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var code = await RunAsync(action.Argv, Call, Tools, cancellationToken);
        return code == 0
            ? StepReport.Done($"{action.Argv[0]} ended well")
            : throw ActionProblems.ExitCode(action.Argv[0], code);
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken) =>
        action.Probe is { } probe ? await RunAsync(probe, Call, Tools, cancellationToken) == 0 : null;
}
