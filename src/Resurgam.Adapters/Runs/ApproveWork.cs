using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class ApproveWork(StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override Task<StepReport> ActAsync(CancellationToken cancellationToken) =>
        Task.FromResult(StepReport.Done("approved"));
}
