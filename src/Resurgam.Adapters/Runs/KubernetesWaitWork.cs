using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class KubernetesWaitWork(StepAction.KubernetesWait action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        List<string> what = [];
        foreach (var workload in action.Workloads)
        {
            var state = WorkloadReadiness.StateOf(await cluster.GetAsync(workload, cancellationToken));
            what.Add($"{workload}: {state ?? "ready"}");
        }
        return StepReport.Done(string.Join("; ", what));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        foreach (var workload in action.Workloads)
            await WorkloadReadiness.AwaitAsync(cluster, workload, Call, cancellationToken);
        return StepReport.Done($"{string.Join(", ", action.Workloads)} ready");
    }
}
