using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>Moves objects to other namespaces, with every field that is known to name one.</summary>
/// <param name="names">New name by old name.</param>
public sealed class NamespaceMap(IReadOnlyDictionary<string, string> names)
{
    internal const string AccountsGroup = "system:serviceaccounts:";
    private const string AccountUser = "system:serviceaccount:";
    private const string NameLabel = "kubernetes.io/metadata.name";

    public static readonly NamespaceMap None = new(new Dictionary<string, string>());

    public bool IsEmpty => names.Count == 0;

    public string Map(string name) => names.GetValueOrDefault(name, name);

    public ObjectKey Map(ObjectKey key) =>
        key is { Kind: "Namespace", Group: "" } ? key with { Name = Map(key.Name) }
        : key.Namespace is { } old ? key with { Namespace = Map(old) }
        : key;

    /// <summary>Changes <paramref name="json"/>.</summary>
    /// <returns>Paths of texts that still speak of an old namespace and were left alone: only a person knows what they mean.</returns>
    public IReadOnlyList<string> Apply(JsonObject json)
    {
        if (IsEmpty)
            return [];
        MapText(json.Find("metadata"), "namespace");
        var group = ServerFields.GroupOf(json);
        if (group.Length == 0 && json.FindText("kind") == "Namespace")
        {
            MapText(json.Find("metadata"), "name");
            MapText(json.Find("metadata", "labels"), NameLabel);
        }
        foreach (var subject in json.Items("subjects"))
            MapSubject(subject);
        foreach (var hook in json.Items("webhooks"))
            MapText(hook.Find("clientConfig", "service"), "namespace");
        MapText(json.Find("spec", "service"), "namespace"); // APIService
        MapText(json.Find("spec", "conversion", "webhook", "clientConfig", "service"), "namespace"); // CRD
        MapText(json.Find("spec", "claimRef"), "namespace"); // PersistentVolume
        MapSelectors(json);
        List<string> left = [];
        FindLeft(json, "", left);
        return left;
    }

    private void MapSubject(JsonObject subject)
    {
        MapText(subject, "namespace");
        if (subject.FindText("name") is not { } name)
            return;
        if (subject.FindText("kind") == "Group" && name.StartsWith(AccountsGroup, StringComparison.Ordinal))
            subject["name"] = AccountsGroup + Map(name[AccountsGroup.Length..]);
        if (
            subject.FindText("kind") == "User"
            && name.StartsWith(AccountUser, StringComparison.Ordinal)
            && name[AccountUser.Length..].Split(':') is [var old, var account]
        )
            subject["name"] = $"{AccountUser}{Map(old)}:{account}";
    }

    /// <summary>Every namespace carries its name as a label, and policies select by it.</summary>
    private void MapSelectors(JsonNode? node)
    {
        if (node is JsonArray list)
            foreach (var item in list)
                MapSelectors(item);
        if (node is not JsonObject group)
            return;
        if (group["namespaceSelector"] is JsonObject selector)
        {
            MapText(selector["matchLabels"], NameLabel);
            foreach (var expression in selector.Items("matchExpressions"))
                if (expression.FindText("key") == NameLabel && expression["values"] is JsonArray values)
                    for (var i = 0; i < values.Count; i++)
                        values[i] = Map(values[i].FindText() ?? "");
        }
        foreach (var (_, value) in group)
            MapSelectors(value);
    }

    private void MapText(JsonNode? group, string name)
    {
        if (group is JsonObject json && json.FindText(name) is { } old && names.TryGetValue(old, out var mapped))
            json[name] = mapped;
    }

    private void FindLeft(JsonNode? node, string path, List<string> left)
    {
        switch (node)
        {
            case JsonObject group:
                foreach (var (name, value) in group)
                    FindLeft(value, $"{path}.{name}", left);
                break;
            case JsonArray list:
                foreach (var (index, item) in list.Index())
                    FindLeft(item, $"{path}[{index}]", left);
                break;
            default:
                if (node.FindText() is { } text && names.Keys.Any(old => SpeaksOf(text, old)))
                    left.Add(path.TrimStart('.'));
                break;
        }
    }

    /// <summary>As a name of the cluster's DNS has it: <c>db.shop</c>, <c>db.shop.svc.cluster.local</c>.</summary>
    private static bool SpeaksOf(string text, string old) =>
        text == old
        || text.Contains($".{old}.svc", StringComparison.Ordinal)
        || text.EndsWith($".{old}", StringComparison.Ordinal)
        || text.Contains($".{old}:", StringComparison.Ordinal)
        || text.Contains($".{old}/", StringComparison.Ordinal);
}
