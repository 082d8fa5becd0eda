using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>Which objects are not captured, because a cluster makes them by itself. The rules are told in docs/formats/kubernetes.md.</summary>
public static class LeftOut
{
    /// <summary>Whole types: they tell how a cluster is at the moment, not how it shall be.</summary>
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "events",
        "events.events.k8s.io",
        "nodes",
        "componentstatuses",
        "bindings",
        "leases.coordination.k8s.io",
        "leasecandidates.coordination.k8s.io",
        "csinodes.storage.k8s.io",
        "csistoragecapacities.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "certificatesigningrequests.certificates.k8s.io",
        "storageversions.internal.apiserver.k8s.io",
        "apiservicestatuses.apiregistration.k8s.io",
        "ipaddresses.networking.k8s.io",
        "resourceslices.resource.k8s.io",
        "controllerrevisions.apps",
    };

    /// <summary>Computed by a program from other things, not stored by anybody.</summary>
    private static readonly HashSet<string> Groups = new(StringComparer.Ordinal)
    {
        "metrics.k8s.io",
        "custom.metrics.k8s.io",
        "external.metrics.k8s.io",
        "packages.operators.coreos.com",
        "subresources.kubevirt.io",
    };

    /// <summary>What an owner cannot make again: it is kept, with the names of its owners.</summary>
    private static readonly HashSet<string> KeptThoughOwned = ["Secret", "ConfigMap", "PersistentVolumeClaim"];

    public static bool IsTypeOut(ResourceType type) => Groups.Contains(type.Group) || Types.Contains(type.FullName);

    /// <summary>Why an object is left out, in a few words; null for one that is captured.</summary>
    public static string? ReasonFor(ResourceType type, JsonObject json)
    {
        var owner = json.Items("metadata", "ownerReferences").FirstOrDefault(each => each.IsTrue("controller"));
        if (owner is not null && !(type.Group.Length == 0 && KeptThoughOwned.Contains(type.Kind)))
            return "made by the controller of its owner";
        if (json.FindText("metadata", "deletionTimestamp") is not null)
            return "being deleted";
        return (type.Group, type.Kind) switch
        {
            ("", "Pod") => ReasonForPod(json),
            ("batch", "Job") => json.Items("status", "conditions").Any(IsJobOver)
                ? "finished: restoring it would run it again"
                : null,
            ("", "Endpoints") => json.FindText(
                "metadata",
                "annotations",
                "endpoints.kubernetes.io/last-change-trigger-time"
            )
                is not null
                ? "made by the endpoints controller"
                : ReasonForKubernetesService(json),
            ("", "Service") => ReasonForKubernetesService(json),
            ("discovery.k8s.io", "EndpointSlice") => ReasonForSlice(json),
            ("", "ConfigMap") => json.FindText("metadata", "name") is "kube-root-ca.crt" or "openshift-service-ca.crt"
                ? "made by a controller in every namespace"
                : null,
            ("", "Secret") => IsGeneratedToken(json) ? "a token that the cluster makes for a service account" : null,
            ("", "PersistentVolume") => json.FindText("metadata", "annotations", "pv.kubernetes.io/provisioned-by")
                is not null
                ? "made by a provisioner for its claim"
                : null,
            ("rbac.authorization.k8s.io", _) => json.FindText("metadata", "labels", "kubernetes.io/bootstrapping")
                is not null
                ? "made by the API server itself"
                : null,
            ("flowcontrol.apiserver.k8s.io", _) => "made by the API server itself",
            ("scheduling.k8s.io", "PriorityClass") => Name(json).StartsWith("system-", StringComparison.Ordinal)
                ? "made by the API server itself"
                : null,
            ("apiregistration.k8s.io", "APIService") => json.Find("spec", "service") is null
                ? "made by the API server itself"
                : null,
            _ => null,
        };
    }

    /// <summary>The name that the token controller gives: <c>ACCOUNT-token-abcde</c>. Tokens that somebody asked for are kept, without the token.</summary>
    private static bool IsGeneratedToken(JsonObject json) =>
        json.FindText("type") == ServerFields.TokenType
        && json.FindText("metadata", "annotations", "kubernetes.io/service-account.name") is { } account
        && ServerFields.IsGeneratedTokenName(account, Name(json));

    private static string? ReasonForPod(JsonObject json)
    {
        if (json.FindText("metadata", "annotations", "kubernetes.io/config.mirror") is not null)
            return "a mirror of a static pod of its node";
        return json.FindText("status", "phase") is "Succeeded" or "Failed"
            ? "finished: restoring it would run it again"
            : null;
    }

    private static string? ReasonForSlice(JsonObject json) =>
        json.FindText("metadata", "labels", "endpointslice.kubernetes.io/managed-by") is { } by
        && by.EndsWith("controller.k8s.io", StringComparison.Ordinal)
            ? "made by the endpoints controller"
            : ReasonForKubernetesService(json);

    private static string? ReasonForKubernetesService(JsonObject json) =>
        Name(json) == "kubernetes" && json.FindText("metadata", "namespace") == "default"
            ? "made by the API server itself"
            : null;

    private static bool IsJobOver(JsonObject condition) =>
        condition.FindText("type") is "Complete" or "Failed" && condition.FindText("status") == "True";

    private static string Name(JsonObject json) => json.FindText("metadata", "name") ?? "";
}
