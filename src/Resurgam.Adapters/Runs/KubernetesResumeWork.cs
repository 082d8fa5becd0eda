using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class KubernetesResumeWork(StepAction.KubernetesResume action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var all = await new ReconcilerSwitch(cluster).ListAsync(action.Reconcilers, cancellationToken);
        var paused = all.Where(each => ReconcilerSwitch.IsPaused(each.Json)).Select(each => each.Name).ToList();
        return StepReport.Done(
            paused.Count == 0 ? "nothing is paused by us" : $"would be woken: {string.Join(", ", paused)}"
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        ReconcilerSwitch reconcilers = new(cluster);
        List<string> woken = [];
        foreach (var (name, path, _) in await reconcilers.ListAsync(action.Reconcilers, cancellationToken))
            if (await reconcilers.WakeAsync(path, cancellationToken))
                woken.Add(name.ToString());
        return StepReport.Done(woken.Count == 0 ? "nothing was paused by us" : $"woken: {string.Join(", ", woken)}");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var all = await new ReconcilerSwitch(cluster).ListAsync(action.Reconcilers, cancellationToken);
        return !all.Any(each => ReconcilerSwitch.IsPaused(each.Json));
    }
}
