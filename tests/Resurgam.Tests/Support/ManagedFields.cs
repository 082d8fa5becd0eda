using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Tests.Support;

/// <summary>Whose the fields of an object are, as <see cref="KubernetesDouble"/> keeps it: a list is one field.</summary>
internal static class ManagedFields
{
    public const string Applies = "Apply";
    public const string Updates = "Update";

    /// <summary>What is there with what is applied over it, field by field.</summary>
    public static JsonObject Merge(JsonObject? there, JsonObject body)
    {
        var merged = (JsonObject?)there?.DeepClone() ?? [];
        MergeInto(merged, body);
        return merged;
    }

    /// <summary>The account after a write.</summary>
    /// <param name="there">What was there before it.</param>
    public static JsonArray After(
        JsonObject? there,
        (string Manager, string Operation) who,
        Dictionary<string, JsonNode?> leaves
    )
    {
        // Who writes another value takes the field; who applies it owns it together with the others.
        var old = there is null ? [] : Leaves(there);
        var taken = leaves
            .Where(leaf =>
                who.Operation == Updates && !JsonNode.DeepEquals(old.GetValueOrDefault(leaf.Key), leaf.Value)
            )
            .Select(leaf => leaf.Key)
            .ToHashSet();
        var own =
            who.Operation == Applies || there is null
                ? leaves.Keys
                : there
                    .Items("metadata", "managedFields")
                    .Where(entry => WhoOf(entry) == who)
                    .SelectMany(entry => entry.Texts("fields"))
                    .Union(taken);
        return new JsonArray([
            .. there
                .Items("metadata", "managedFields")
                .Where(entry => WhoOf(entry) != who)
                .Select(entry => EntryOf(WhoOf(entry), entry.Texts("fields").Where(field => !taken.Contains(field)))),
            EntryOf(who, own),
        ]);
    }

    public static List<(string Manager, string Field)> ConflictsOf(
        JsonObject? there,
        Dictionary<string, JsonNode?> leaves,
        string manager
    ) =>
        [
            .. there
                .Items("metadata", "managedFields")
                .Where(entry => WhoOf(entry) != (manager, Applies))
                .SelectMany(entry =>
                    entry
                        .Texts("fields")
                        .Where(field =>
                            leaves.TryGetValue(field, out var value)
                            && !JsonNode.DeepEquals(value, Leaves(there!).GetValueOrDefault(field))
                        )
                        .Select(field => (entry.FindText("manager") ?? "", field))
                ),
        ];

    /// <summary>Fields that somebody can own: all but names; a list is one.</summary>
    public static Dictionary<string, JsonNode?> Leaves(JsonObject json)
    {
        Dictionary<string, JsonNode?> leaves = new(StringComparer.Ordinal);
        Walk(json, "");
        return leaves;

        void Walk(JsonNode? node, string path)
        {
            if (
                path
                is ".apiVersion"
                    or ".kind"
                    or ".metadata.name"
                    or ".metadata.namespace"
                    or ".metadata.managedFields"
            )
                return;
            if (node is JsonObject group && group.Count > 0)
                foreach (var (name, value) in group)
                    Walk(value, $"{path}.{name}");
            else if (path.Length > 0)
                leaves[path] = node;
        }
    }

    private static (string Manager, string Operation) WhoOf(JsonObject entry) =>
        (entry.FindText("manager") ?? "", entry.FindText("operation") ?? "");

    private static JsonObject EntryOf((string Manager, string Operation) who, IEnumerable<string> fields) =>
        new()
        {
            ["manager"] = who.Manager,
            ["operation"] = who.Operation,
            ["fields"] = new JsonArray([.. fields.Select(field => (JsonNode)field)]),
        };

    private static void MergeInto(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
            if (value is JsonObject inner && target[name] is JsonObject there)
                MergeInto(there, inner);
            else
                target[name] = value?.DeepClone();
    }
}
