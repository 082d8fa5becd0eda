using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class KubernetesPauseWork(StepAction.KubernetesPause action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    private const string Paused = "paused.";

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        List<StepNote> notes = [];
        foreach (
            var (name, _, json) in await new ReconcilerSwitch(cluster).ListAsync(action.Reconcilers, cancellationToken)
        )
            if (!ReconcilerSwitch.IsPaused(json) && ReconcilerSwitch.FindUndo(name, json) is { } undo)
                notes.Add(new StepNote($"{Paused}{name}", undo.ToJsonString()));
        return StepReport.Done(
            notes.Count == 0
                ? "nothing is left to be paused"
                : $"would be paused: {string.Join(", ", notes.Select(note => note.Name[Paused.Length..]))}",
            [.. notes]
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        ReconcilerSwitch reconcilers = new(cluster);
        List<string> paused = [];
        foreach (var (name, path, _) in await reconcilers.ListAsync(action.Reconcilers, cancellationToken))
            if (await reconcilers.PauseAsync(name, path, cancellationToken))
                paused.Add(name.ToString());
        return StepReport.Done(paused.Count == 0 ? "all were at rest" : $"paused: {string.Join(", ", paused)}");
    }

    /// <summary>Only those that this step has held: an earlier step may have held others.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        ReconcilerSwitch reconcilers = new(cluster);
        List<string> woken = [];
        foreach (var (name, path, _) in await reconcilers.ListAsync(action.Reconcilers, cancellationToken))
            if (Call.FindNote($"{Paused}{name}") is not null && await reconcilers.WakeAsync(path, cancellationToken))
                woken.Add(name.ToString());
        return StepReport.Done(woken.Count == 0 ? "nothing was to be woken" : $"woken: {string.Join(", ", woken)}");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var all = await new ReconcilerSwitch(cluster).ListAsync(action.Reconcilers, cancellationToken);
        return all.All(each =>
            ReconcilerSwitch.IsPaused(each.Json) || ReconcilerSwitch.FindUndo(each.Name, each.Json) is null
        );
    }
}
