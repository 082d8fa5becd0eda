using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>Collects, from the objects of the chosen namespaces, which objects of the whole cluster they need.</summary>
public sealed class References(IReadOnlySet<string> namespaces)
{
    private const string Rbac = "rbac.authorization.k8s.io";

    private readonly HashSet<(string Kind, string Name)> _named = [];
    private readonly HashSet<string> _customTypes = new(StringComparer.Ordinal);
    private readonly List<JsonObject> _aggregations = [];

    /// <summary>Objects of the kind <c>SealedSecret</c>: without the controller's keys they are of no use.</summary>
    public int SealedSecrets { get; private set; }

    public void Add(ResourceType type, JsonObject json)
    {
        _customTypes.Add(type.FullName);
        switch (type.Group, type.Kind)
        {
            case (Rbac, "RoleBinding" or "ClusterRoleBinding"):
                if (json.FindText("roleRef", "kind") == "ClusterRole")
                    Name("ClusterRole", json.FindText("roleRef", "name"));
                break;
            case (Rbac, "ClusterRole"):
                _aggregations.AddRange(json.Items("aggregationRule", "clusterRoleSelectors"));
                break;
            case ("", "PersistentVolumeClaim"):
                Name("StorageClass", json.FindText("spec", "storageClassName"));
                Name("PersistentVolume", json.FindText("spec", "volumeName"));
                break;
            case ("networking.k8s.io" or "extensions", "Ingress"):
                Name("IngressClass", json.FindText("spec", "ingressClassName"));
                break;
            case ("bitnami.com", "SealedSecret"):
                SealedSecrets++;
                break;
        }
        foreach (var claim in json.Items("spec", "volumeClaimTemplates"))
            Name("StorageClass", claim.FindText("spec", "storageClassName"));
        foreach (var pod in PodSpecs(type, json))
        {
            Name("PriorityClass", pod.FindText("priorityClassName"));
            Name("RuntimeClass", pod.FindText("runtimeClassName"));
        }
    }

    /// <summary>Whether an object of the whole cluster is needed by those that were added.</summary>
    public bool Needs(ResourceType type, JsonObject json)
    {
        var name = json.FindText("metadata", "name") ?? "";
        if (_named.Contains((type.Kind, name)))
            return true;
        return (type.Group, type.Kind) switch
        {
            ("", "Namespace") => namespaces.Contains(name),
            ("apiextensions.k8s.io", "CustomResourceDefinition") => _customTypes.Contains(name),
            (Rbac, "ClusterRoleBinding") => json.Items("subjects").Any(IsOfNamespaces),
            (Rbac, "ClusterRole") => _aggregations.Any(selector => Fits(selector, json)),
            ("admissionregistration.k8s.io", _) => json.Items("webhooks")
                .Any(hook => namespaces.Contains(hook.FindText("clientConfig", "service", "namespace") ?? "")),
            ("apiregistration.k8s.io", "APIService") => namespaces.Contains(
                json.FindText("spec", "service", "namespace") ?? ""
            ),
            _ => false,
        };
    }

    /// <summary>The specs of pods that an object holds: its own, or those that it makes.</summary>
    public static IEnumerable<JsonObject> PodSpecs(ResourceType type, JsonObject json)
    {
        JsonNode?[] specs =
        [
            type is { Group: "", Kind: "Pod" } ? json.Find("spec") : null,
            json.Find("spec", "template", "spec"),
            json.Find("spec", "jobTemplate", "spec", "template", "spec"),
        ];
        return specs.OfType<JsonObject>();
    }

    private void Name(string kind, string? name)
    {
        if (name is { Length: > 0 })
            _named.Add((kind, name));
    }

    private bool IsOfNamespaces(JsonObject subject) =>
        subject.FindText("kind") switch
        {
            "ServiceAccount" => namespaces.Contains(subject.FindText("namespace") ?? ""),
            "Group" => subject.FindText("name") is { } group
                && group.StartsWith(NamespaceMap.AccountsGroup, StringComparison.Ordinal)
                && namespaces.Contains(group[NamespaceMap.AccountsGroup.Length..]),
            _ => false,
        };

    private static bool Fits(JsonObject selector, JsonObject json) =>
        selector["matchLabels"] is JsonObject { Count: > 0 } labels
        && labels.All(label => json.FindText("metadata", "labels", label.Key) == label.Value.FindText());
}
