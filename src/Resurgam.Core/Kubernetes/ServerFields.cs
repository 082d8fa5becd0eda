using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>
/// Takes away what the server wrote or chose, so that what is left says how the object shall be: equal before a disaster
/// and after it. The rules are told in docs/formats/kubernetes.md.
/// </summary>
public static class ServerFields
{
    public const string TokenType = "kubernetes.io/service-account-token";

    private static readonly string[] Metadata =
    [
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "managedFields",
        "generateName",
        "clusterName",
    ];

    /// <summary>Of controllers; and kubectl's copy of the whole object, which would be a second place for what changes in the first.</summary>
    private static readonly string[] Annotations =
    [
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        "deprecated.daemonset.template.generation",
        "pv.kubernetes.io/bind-completed",
        "pv.kubernetes.io/bound-by-controller",
        "volume.kubernetes.io/selected-node",
        "volume.kubernetes.io/storage-provisioner",
        "volume.beta.kubernetes.io/storage-provisioner",
        "control-plane.alpha.kubernetes.io/leader",
        "endpoints.kubernetes.io/last-change-trigger-time",
        "autoscaling.alpha.kubernetes.io/conditions",
        "autoscaling.alpha.kubernetes.io/current-metrics",
        "kubernetes.io/service-account.uid",
    ];

    private static readonly string[] Finalizers =
    [
        "kubernetes.io/pvc-protection",
        "kubernetes.io/pv-protection",
        "foregroundDeletion",
        "orphan",
    ];

    private static readonly string[] JobLabels =
    [
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
    ];

    /// <summary>Changes <paramref name="json"/>.</summary>
    public static JsonObject Strip(JsonObject json)
    {
        var managed = json.Find("metadata", "managedFields")?.DeepClone();
        var isBound = json.FindText("metadata", "annotations", "pv.kubernetes.io/bound-by-controller") is not null;
        json.Remove("status");
        foreach (var name in Metadata)
            json.Cut("metadata", name);
        foreach (var name in Annotations)
            json.Cut("metadata", "annotations", name);
        Keep(json.Find("metadata") as JsonObject, "finalizers", item => !Finalizers.Contains(item.FindText()));
        foreach (var owner in json.Items("metadata", "ownerReferences"))
            owner.Remove("uid");
        StripByKind(json, managed, isBound);
        return json;
    }

    internal static bool IsGeneratedTokenName(string account, string name) =>
        name.Length == account.Length + "-token-abcde".Length
        && name.StartsWith(account + "-token-", StringComparison.Ordinal);

    private static void StripByKind(JsonObject json, JsonNode? managed, bool isBound)
    {
        switch ((GroupOf(json), json.FindText("kind")))
        {
            case ("", "Namespace"):
                json.Remove("spec"); // nothing but the finalizers of the server
                break;
            case ("", "Service"):
                StripService(json, managed);
                break;
            case ("", "Pod"):
                StripPod(json);
                break;
            case ("", "PersistentVolumeClaim") when isBound:
                json.Cut("spec", "volumeName");
                break;
            case ("", "PersistentVolume"):
                foreach (var name in (string[])["uid", "resourceVersion", "apiVersion", "kind"])
                    json.Cut("spec", "claimRef", name);
                break;
            case ("", "ServiceAccount"):
                var account = json.FindText("metadata", "name") ?? "";
                Keep(json, "secrets", item => !IsGeneratedTokenName(account, item.FindText("name") ?? ""));
                break;
            case ("", "Secret") when json.FindText("type") == TokenType:
                json.Remove("data");
                break;
            case ("batch", "Job") when !json.IsTrue("spec", "manualSelector"):
                json.Cut("spec", "selector");
                foreach (var label in JobLabels)
                {
                    json.Cut("spec", "template", "metadata", "labels", label);
                    json.Cut("metadata", "labels", label);
                }
                break;
        }
    }

    private static void StripService(JsonObject json, JsonNode? managed)
    {
        if (json.FindText("spec", "clusterIP") != "None")
        {
            json.Cut("spec", "clusterIP");
            json.Cut("spec", "clusterIPs");
        }
        json.Cut("spec", "healthCheckNodePort");
        if (json.FindText("spec", "ipFamilyPolicy") is null or "SingleStack")
        {
            json.Cut("spec", "ipFamilies");
            json.Cut("spec", "ipFamilyPolicy");
        }
        if (IsNodePortChosen(managed))
            return;
        foreach (var port in json.Items("spec", "ports"))
            port.Remove("nodePort");
    }

    /// <summary>The server notes who wrote a field; it notes nobody for those that it chose.</summary>
    private static bool IsNodePortChosen(JsonNode? managed) =>
        managed
            .Items()
            .Any(entry =>
                entry.Find("fieldsV1", "f:spec", "f:ports") is JsonObject ports
                && ports.Any(port => (port.Value as JsonObject)?.ContainsKey("f:nodePort") == true)
            );

    private static void StripPod(JsonObject json)
    {
        json.Cut("spec", "nodeName");
        json.Cut("spec", "serviceAccount"); // the old name of serviceAccountName
        var added = json.Items("spec", "volumes")
            .Select(each => each.FindText("name") ?? "")
            .Where(IsAdded)
            .ToHashSet();
        Keep(json.Find("spec") as JsonObject, "volumes", item => !added.Contains(item.FindText("name") ?? ""));
        foreach (var list in (string[])["containers", "initContainers", "ephemeralContainers"])
        foreach (var container in json.Items("spec", list))
            Keep(container, "volumeMounts", item => !added.Contains(item.FindText("name") ?? ""));
    }

    private static bool IsAdded(string volume) => volume.StartsWith("kube-api-access-", StringComparison.Ordinal);

    private static void Keep(JsonObject? parent, string list, Predicate<JsonNode?> isKept)
    {
        if (parent?[list] is not JsonArray items)
            return;
        items.RemoveAll(item => !isKept(item));
        if (items.Count == 0)
            parent.Remove(list);
    }

    internal static string GroupOf(JsonObject json) =>
        json.FindText("apiVersion") is { } version && version.Contains('/') ? version[..version.IndexOf('/')] : "";
}
