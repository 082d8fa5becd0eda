using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <param name="Labels">The pod's labels of before.</param>
/// <param name="Warnings">What the quarantine does not stop, in words.</param>
public sealed record QuarantineRecord(string Namespace, string Pod, JsonObject Labels, IReadOnlyList<string> Warnings);

/// <summary>
/// Cuts single pods off the network and keeps them as evidence. A pod loses all its labels: its controller starts another in its
/// place, no Service leads to it, and policies that allow something to its kind no longer mean it. A policy of ours,
/// that allows nothing, means only pods with our label: nothing else of the namespace is touched.
/// </summary>
/// <remarks>Policies only add up, so that one which allows something to all pods still counts: it is told, never removed.</remarks>
public sealed class Quarantine(ActionTarget target)
{
    private const string Label = "resurgam.io/quarantine";
    private const string LabelsOfBefore = "resurgam.io/labels-before";
    private const string Policy = "resurgam-quarantine";

    private static readonly ResourceType PolicyType =
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", IsNamespaced: true);

    public async Task<QuarantineRecord> RunAsync(string @namespace, string pod, CancellationToken cancellationToken)
    {
        await ApplyPolicyAsync(@namespace, cancellationToken);
        var path = target.GetType("", "Pod").PathOf(@namespace, pod);
        var json = await target.Api.GetAsync(path, cancellationToken);
        var before = LabelsOf(json);
        if (json.FindText("metadata", "labels", Label) is null)
        {
            JsonObject labels = new() { [Label] = "true" };
            foreach (var (name, _) in before)
                labels[name] = null;
            JsonObject patch = new()
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = labels,
                    ["annotations"] = new JsonObject { [LabelsOfBefore] = before.ToJsonString() },
                },
            };
            await target.PatchAsync(path, patch, json, cancellationToken);
        }
        return new QuarantineRecord(@namespace, pod, before, await WarningsAsync(@namespace, json, cancellationToken));
    }

    private static JsonObject LabelsOf(JsonObject pod)
    {
        var kept = pod.FindText("metadata", "annotations", LabelsOfBefore);
        var labels = kept is null ? pod.Find("metadata", "labels")?.DeepClone() : JsonNode.Parse(kept);
        return labels as JsonObject ?? [];
    }

    private async Task ApplyPolicyAsync(string @namespace, CancellationToken cancellationToken)
    {
        ObjectKey key = new(PolicyType.Group, PolicyType.Version, PolicyType.Kind, @namespace, Policy);
        JsonObject policy = new()
        {
            ["apiVersion"] = PolicyType.ApiVersion,
            ["kind"] = PolicyType.Kind,
            ["metadata"] = new JsonObject { ["name"] = Policy, ["namespace"] = @namespace },
            ["spec"] = new JsonObject
            {
                ["podSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [Label] = "true" } },
                ["policyTypes"] = new JsonArray("Ingress", "Egress"),
            },
        };
        // By force: it is ours, and whoever opened it opened the quarantine.
        var result = await new ObjectApply(target.Api, new ApplyMode(Force: true, IsDryRun: false)).RunAsync(
            key,
            PolicyType,
            policy,
            cancellationToken
        );
        if (!result.IsGood)
            throw Wire.KubernetesProblems.Denied(target.Api.Server, result.Detail ?? Policy);
    }

    private async Task<IReadOnlyList<string>> WarningsAsync(
        string @namespace,
        JsonObject pod,
        CancellationToken cancellationToken
    )
    {
        List<string> warnings =
        [
            "connections that are open may live on, and without a network plugin that enforces policies nothing is cut: probe it",
        ];
        if (pod.IsTrue("spec", "hostNetwork"))
            warnings.Add("the pod uses the network of its node, which no policy reaches");
        var policies = await target.ListAsync(PolicyType, @namespace, selector: null, cancellationToken);
        foreach (var policy in policies.Where(MeansAllPods))
            warnings.Add(
                $"policy {policy.FindText("metadata", "name")} allows something to all pods of the namespace, this one among them"
            );
        return warnings;
    }

    private static bool MeansAllPods(JsonObject policy) =>
        policy.Find("spec", "podSelector") is JsonObject { Count: 0 }
        && (policy.Items("spec", "ingress").Any() || policy.Items("spec", "egress").Any());
}
