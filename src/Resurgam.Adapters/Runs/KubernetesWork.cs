using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>What the actions on Kubernetes have in common.</summary>
internal abstract class KubernetesWork(TargetId on, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    private const string Pod = "pod.";

    /// <summary>Whoever carries one of these is written anew by a reconciler.</summary>
    private static readonly string[] ReconcilerMarks =
    [
        "kustomize.toolkit.fluxcd.io/name",
        "helm.toolkit.fluxcd.io/name",
        "argocd.argoproj.io/instance",
        "argocd.argoproj.io/tracking-id",
    ];

    protected Task<ActionCluster> OpenAsync(CancellationToken cancellationToken) =>
        ActionCluster.OpenAsync(Target<Target.Kubernetes>(on), Tools, cancellationToken);

    /// <returns>The mark of the reconciler that writes it; null when there is none.</returns>
    protected static string? FindMark(JsonObject json) =>
        ReconcilerMarks.FirstOrDefault(mark =>
            json.FindText("metadata", "labels", mark) is not null
            || json.FindText("metadata", "annotations", mark) is not null
        );

    /// <summary>Notes for the pods that a selector means now.</summary>
    /// <exception cref="Core.Problems.ResurgamException">There is none, or there are too many.</exception>
    protected static async Task<IReadOnlyList<StepNote>> ChoosePodsAsync(
        ActionCluster cluster,
        string selector,
        int most,
        CancellationToken cancellationToken
    )
    {
        var pods = await cluster.ListPodsAsync(selector, cancellationToken);
        if (pods.Count == 0)
            throw KubernetesActionProblems.NoPods(cluster.Api.Server, selector, cluster.Namespace);
        if (pods.Count > most)
            throw KubernetesActionProblems.TooManyPods(selector, pods.Count, most);
        return [.. pods.Select(pod => new StepNote($"{Pod}{NameOf(pod)}", pod.FindText("metadata", "uid") ?? ""))];
    }

    /// <summary>The pods that were noted before the effect: what the selector means changes by it.</summary>
    /// <returns>Name and uid.</returns>
    protected IReadOnlyList<(string Name, string Uid)> NotedPods =>
        [
            .. Call
                .Notes.Where(note => note.Name.StartsWith(Pod, StringComparison.Ordinal))
                .Select(note => (note.Name[Pod.Length..], note.Value))
                .Distinct(),
        ];

    protected static string NameOf(JsonObject json) => json.FindText("metadata", "name") ?? "";
}
