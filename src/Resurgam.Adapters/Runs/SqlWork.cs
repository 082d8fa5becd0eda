using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class SqlWork(StepAction.Sql action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        await server.QueryAsync(action.Statement, cancellationToken);
        return StepReport.Done("the statement ran");
    }
}
