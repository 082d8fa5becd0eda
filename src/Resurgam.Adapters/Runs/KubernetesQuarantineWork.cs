using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>
/// A pod loses all its labels: its controller starts another in its place, no Service leads to it, and policies that allow
/// something to its kind no longer mean it. A policy of ours, that allows nothing, means only pods with our label.
/// </summary>
/// <remarks>Policies only add up: one that allows something to all pods still counts. It is told, never removed.</remarks>
internal sealed class KubernetesQuarantineWork(StepAction.KubernetesQuarantine action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    private const string Label = "resurgam.io/quarantine";
    private const string LabelsOfBefore = "resurgam.io/labels-before";
    private const string Policy = "resurgam-quarantine";

    private static readonly ResourceType PolicyType = new(
        "networking.k8s.io",
        "v1",
        "networkpolicies",
        "NetworkPolicy",
        IsNamespaced: true
    );

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var pods = await ChoosePodsAsync(cluster, action.Selector, action.Most, cancellationToken);
        return StepReport.Done($"{pods.Count} pods would be cut off", [.. pods]);
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        await ApplyPolicyAsync(cluster, cancellationToken);
        var isOnHostNetwork = false;
        foreach (var (name, _) in NotedPods)
            await cluster.ChangeAsync(
                cluster.PathOfPod(name),
                pod =>
                {
                    isOnHostNetwork |= pod.IsTrue("spec", "hostNetwork");
                    return pod.FindText("metadata", "labels", Label) is null ? Quarantined(pod) : null;
                },
                cancellationToken
            );
        List<string> what = [$"cut off and kept: {string.Join(", ", NotedPods.Select(pod => pod.Name))}"];
        what.Add("open connections may live on, and without a network plugin that enforces policies nothing is cut");
        if (isOnHostNetwork)
            what.Add("one of them uses the network of its node, which no policy reaches");
        foreach (var policy in await cluster.ListAsync(PolicyType, selector: null, cancellationToken))
            if (MeansAllPods(policy))
                what.Add($"policy {NameOf(policy)} allows something to all pods, these among them");
        return StepReport.Done(string.Join("; ", what));
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        foreach (var (name, uid) in NotedPods)
            if (
                await cluster.Api.FindAsync(cluster.PathOfPod(name), cancellationToken) is { } there
                && there.FindText("metadata", "uid") == uid
            )
                await cluster.ChangeAsync(cluster.PathOfPod(name), Released, cancellationToken);
        var left = await cluster.ListPodsAsync(Label, cancellationToken);
        if (left.Count == 0)
            await cluster.Api.SendAsync(
                new ApiRequest(HttpMethod.Delete, PolicyType.PathOf(cluster.Namespace, Policy)),
                cancellationToken
            );
        return StepReport.Done("the pods have their labels again");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var held = (await cluster.ListPodsAsync(Label, cancellationToken)).Select(NameOf).ToHashSet();
        return NotedPods.All(pod => held.Contains(pod.Name))
            && await cluster.Api.FindAsync(PolicyType.PathOf(cluster.Namespace, Policy), cancellationToken) is not null;
    }

    private static JsonObject Quarantined(JsonObject pod)
    {
        var before = pod.Find("metadata", "labels")?.DeepClone() as JsonObject ?? [];
        JsonObject labels = new() { [Label] = "true" };
        foreach (var (name, _) in before)
            labels[name] = null;
        return ActionCluster.Annotate(
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } },
            LabelsOfBefore,
            before.ToJsonString()
        );
    }

    private static JsonObject? Released(JsonObject pod)
    {
        if (pod.FindText("metadata", "labels", Label) is null)
            return null;
        var labels = LabelsBefore(pod);
        labels[Label] = null;
        return ActionCluster.Annotate(
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } },
            LabelsOfBefore,
            value: null
        );
    }

    private static JsonObject LabelsBefore(JsonObject pod)
    {
        try
        {
            return pod.FindText("metadata", "annotations", LabelsOfBefore) is { } text
                ? JsonNode.Parse(text) as JsonObject ?? []
                : [];
        }
        catch (JsonException)
        {
            return []; // somebody wrote over it: only our label goes
        }
    }

    private static async Task ApplyPolicyAsync(ActionCluster cluster, CancellationToken cancellationToken)
    {
        ObjectKey key = new(PolicyType.Group, PolicyType.Version, PolicyType.Kind, cluster.Namespace, Policy);
        JsonObject policy = new()
        {
            ["apiVersion"] = PolicyType.ApiVersion,
            ["kind"] = PolicyType.Kind,
            ["metadata"] = new JsonObject { ["name"] = Policy, ["namespace"] = cluster.Namespace },
            ["spec"] = new JsonObject
            {
                ["podSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [Label] = "true" } },
                ["policyTypes"] = new JsonArray("Ingress", "Egress"),
            },
        };
        // By force: it is ours, and whoever opened it opened the quarantine.
        ObjectApply apply = new(cluster.Api, new ApplyMode(Force: true, IsDryRun: false));
        var result = await apply.RunAsync(key, PolicyType, policy, cancellationToken);
        if (!result.IsGood)
            throw KubernetesProblems.Denied(cluster.Api.Server, result.Detail ?? Policy);
    }

    private static bool MeansAllPods(JsonObject policy) =>
        policy.Find("spec", "podSelector") is JsonObject { Count: 0 }
        && (policy.Items("spec", "ingress").Any() || policy.Items("spec", "egress").Any());
}
