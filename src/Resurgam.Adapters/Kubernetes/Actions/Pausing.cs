using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <summary>Something that would undo what we do, and how to wake it again.</summary>
/// <param name="Undo">A merge patch.</param>
public sealed record PauseRecord(Workload Reconciler, JsonObject Undo);

/// <summary>
/// Holds what would turn our changes back: autoscalers, and the reconcilers of Flux and Argo CD. Each is held in its own
/// way, and woken to what it was.
/// </summary>
public sealed class Pausing(ActionTarget target)
{
    private const string ArgoSkip = "argocd.argoproj.io/skip-reconcile";

    private static readonly (string Group, string Kind)[] Kinds =
    [
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization"),
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
        ("argoproj.io", "Application"),
    ];

    /// <summary>Every one of a namespace, as far as the cluster knows their kinds.</summary>
    public async Task<IReadOnlyList<PauseRecord>> RunAsync(string @namespace, CancellationToken cancellationToken)
    {
        List<PauseRecord> paused = [];
        foreach (var (group, kind) in Kinds)
        {
            if (target.FindType(group, kind) is not { } type)
                continue;
            foreach (var item in await target.ListAsync(type, @namespace, selector: null, cancellationToken))
            {
                Workload reconciler = new(group, kind, @namespace, item.FindText("metadata", "name") ?? "");
                var (hold, undo) = PatchesOf(kind, item);
                if (hold is null || undo is null)
                    continue;
                await target.PatchAsync(target.PathOf(reconciler), hold, item, cancellationToken);
                paused.Add(new PauseRecord(reconciler, undo));
            }
        }
        return paused;
    }

    public async Task UndoAsync(IEnumerable<PauseRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
            await target.PatchAsync(
                target.PathOf(record.Reconciler),
                (JsonObject)record.Undo.DeepClone(),
                read: null,
                cancellationToken
            );
    }

    /// <returns>Nulls for one that rests already, by somebody else's will.</returns>
    private static (JsonObject? Hold, JsonObject? Undo) PatchesOf(string kind, JsonObject item) =>
        kind switch
        {
            "HorizontalPodAutoscaler" => Autoscaler(item),
            "Application" => item.FindText("metadata", "annotations", ArgoSkip) == "true"
                ? (null, null)
                : (Annotation("true"), Annotation(null)),
            _ => item.IsTrue("spec", "suspend") ? (null, null) : (Suspend(true), Suspend(null)),
        };

    /// <summary>It has no switch; with one number for least and most it has nothing to decide.</summary>
    private static (JsonObject? Hold, JsonObject? Undo) Autoscaler(JsonObject item)
    {
        var (least, most) = (item.FindNumber("spec", "minReplicas") ?? 1, item.FindNumber("spec", "maxReplicas") ?? 1);
        var now = Math.Max(1, item.FindNumber("status", "currentReplicas") ?? least);
        return least == most ? (null, null) : (Bounds(now, now), Bounds(least, most));
    }

    private static JsonObject Bounds(long least, long most) =>
        new() { ["spec"] = new JsonObject { ["minReplicas"] = least, ["maxReplicas"] = most } };

    private static JsonObject Suspend(bool? value) => new() { ["spec"] = new JsonObject { ["suspend"] = value } };

    private static JsonObject Annotation(string? value) =>
        new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ArgoSkip] = value } } };
}
