using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class MeasureWork(StepAction.Measure action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var value = await server.ScalarAsync(action.Query, cancellationToken) ?? "";
        return StepReport.Done($"{action.On} answers '{value}'", new StepNote(StepAction.Measure.ValueNote, value));
    }
}
