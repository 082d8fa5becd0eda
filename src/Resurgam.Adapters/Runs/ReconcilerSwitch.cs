using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

/// <summary>
/// Autoscalers, and the reconcilers of Flux and Argo CD: each is held in its own way. How it is woken is noted on it, so that any
/// machine can wake it, also when nothing else is left of the run.
/// </summary>
internal sealed class ReconcilerSwitch(ActionCluster cluster)
{
    private const string Annotation = "resurgam.io/paused";
    private const string ArgoSkip = "argocd.argoproj.io/skip-reconcile";

    /// <summary>Every one of the namespace, as far as the cluster knows their kinds, and those that are named.</summary>
    public async Task<IReadOnlyList<(ReconcilerName Name, string Path, JsonObject Json)>> ListAsync(
        ValueList<ReconcilerName> others,
        CancellationToken cancellationToken
    )
    {
        List<(ReconcilerName, string, JsonObject)> all = [];
        foreach (var (kind, group) in ReconcilerName.Kinds)
        {
            if (await cluster.FindTypeAsync(group, kind, cancellationToken) is not { } type)
            {
                if (others.Any(other => other.Kind == kind))
                    throw KubernetesActionProblems.NoType(cluster.Api.Server, kind, group);
                continue;
            }
            foreach (var item in await cluster.ListAsync(type, selector: null, cancellationToken))
            {
                ReconcilerName name = new(kind, cluster.Namespace, item.FindText("metadata", "name") ?? "");
                all.Add((name, type.PathOf(name.Namespace, name.Name), item));
            }
            foreach (var other in others.Where(other => other.Kind == kind && other.Namespace != cluster.Namespace))
            {
                var path = type.PathOf(other.Namespace, other.Name);
                all.Add((other, path, await cluster.Api.GetAsync(path, cancellationToken)));
            }
        }
        return all;
    }

    /// <summary>It is held, by us.</summary>
    public static bool IsPaused(JsonObject item) => FindWay(item) is not null;

    /// <returns>How it is woken, as a merge patch; null for one that rests already by somebody else's will.</returns>
    public static JsonObject? FindUndo(ReconcilerName name, JsonObject item) => PatchesOf(name, item)?.Undo;

    /// <returns>Whether it was held by this call.</returns>
    public Task<bool> PauseAsync(ReconcilerName name, string path, CancellationToken cancellationToken) =>
        cluster.ChangeAsync(
            path,
            item =>
                IsPaused(item) || PatchesOf(name, item) is not var (hold, undo)
                    ? null
                    : ActionCluster.Annotate(hold, Annotation, undo.ToJsonString()),
            cancellationToken
        );

    /// <returns>Whether it was woken by this call.</returns>
    public Task<bool> WakeAsync(string path, CancellationToken cancellationToken) =>
        cluster.ChangeAsync(
            path,
            item => FindWay(item) is { } undo ? ActionCluster.Annotate(undo, Annotation, value: null) : null,
            cancellationToken
        );

    private static JsonObject? FindWay(JsonObject item)
    {
        try
        {
            return item.FindText("metadata", "annotations", Annotation) is { } text
                ? JsonNode.Parse(text) as JsonObject
                : null;
        }
        catch (JsonException)
        {
            return null; // somebody wrote over it: it is not ours any more
        }
    }

    private static (JsonObject Hold, JsonObject Undo)? PatchesOf(ReconcilerName name, JsonObject item) =>
        name.Kind switch
        {
            ReconcilerName.Autoscaler => Autoscaler(item),
            ReconcilerName.Application => Application(item),
            _ => item.IsTrue("spec", "suspend") ? null : (Suspend(true), Suspend(null)),
        };

    /// <summary>It has no switch; with one number for least and most it has nothing to decide.</summary>
    private static (JsonObject, JsonObject)? Autoscaler(JsonObject item)
    {
        var (least, most) = (item.FindNumber("spec", "minReplicas") ?? 1, item.FindNumber("spec", "maxReplicas") ?? 1);
        var now = Math.Clamp(item.FindNumber("status", "currentReplicas") ?? least, least, most);
        return least == most ? null : (Bounds(now, now), Bounds(least, most));
    }

    /// <summary>Without automated sync it changes nothing; the annotation keeps those of 2.7 and later from even comparing.</summary>
    private static (JsonObject, JsonObject)? Application(JsonObject item)
    {
        var automated = item.Find("spec", "syncPolicy", "automated");
        if (automated is null)
            return null;
        return (
            ActionCluster.Annotate(Automated(null), ArgoSkip, "true"),
            ActionCluster.Annotate(
                Automated(automated.DeepClone()),
                ArgoSkip,
                item.FindText("metadata", "annotations", ArgoSkip)
            )
        );
    }

    private static JsonObject Automated(JsonNode? automated) =>
        new() { ["spec"] = new JsonObject { ["syncPolicy"] = new JsonObject { ["automated"] = automated } } };

    private static JsonObject Bounds(long least, long most) =>
        new()
        {
            ["spec"] = new JsonObject { ["minReplicas"] = least, ["maxReplicas"] = most },
        };

    private static JsonObject Suspend(bool? value) => new() { ["spec"] = new JsonObject { ["suspend"] = value } };
}
