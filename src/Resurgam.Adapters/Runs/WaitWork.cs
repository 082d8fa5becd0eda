using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class WaitWork(StepAction.Wait action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(action.For, Tools.Time, cancellationToken);
        return StepReport.Done("time has passed");
    }
}
