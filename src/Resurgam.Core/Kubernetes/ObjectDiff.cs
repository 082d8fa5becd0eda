using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <param name="Path"><c>spec.replicas</c></param>
/// <param name="Old">As JSON; null when the field is new.</param>
/// <param name="New">As JSON; null when the field goes.</param>
public sealed record FieldChange(string Path, string? Old, string? New)
{
    public override string ToString() => $"{Path}: {Old ?? "-"} → {New ?? "-"}";
}

/// <summary>Where two objects differ. What a Secret holds is never shown, only that it differs.</summary>
public static class ObjectDiff
{
    private const int MostChanges = 100;
    private const int MostText = 200;
    private const string Hidden = "(hidden)";

    /// <returns>At most 100 changes: who sees them knows enough.</returns>
    public static IReadOnlyList<FieldChange> Between(JsonObject old, JsonObject @new)
    {
        List<FieldChange> changes = [];
        var isSecret = @new.FindText("kind") == "Secret" && ServerFields.GroupOf(@new).Length == 0;
        Compare(old, @new, "", changes, isSecret);
        return changes;
    }

    private static void Compare(JsonNode? old, JsonNode? @new, string path, List<FieldChange> changes, bool isSecret)
    {
        if (changes.Count >= MostChanges || JsonNode.DeepEquals(old, @new))
            return;
        if (old is JsonObject oldGroup && @new is JsonObject newGroup)
            foreach (
                var name in oldGroup
                    .Select(pair => pair.Key)
                    .Union(newGroup.Select(pair => pair.Key))
                    .Order(StringComparer.Ordinal)
            )
                Compare(oldGroup[name], newGroup[name], path.Length == 0 ? name : $"{path}.{name}", changes, isSecret);
        else if (old is JsonArray oldList && @new is JsonArray newList && oldList.Count == newList.Count)
            for (var i = 0; i < oldList.Count; i++)
                Compare(oldList[i], newList[i], $"{path}[{i}]", changes, isSecret);
        else
        {
            var isHidden =
                isSecret
                && (
                    path.StartsWith("data", StringComparison.Ordinal)
                    || path.StartsWith("stringData", StringComparison.Ordinal)
                );
            changes.Add(new FieldChange(path, Show(old, isHidden), Show(@new, isHidden)));
        }
    }

    private static string? Show(JsonNode? node, bool isHidden)
    {
        if (node is null)
            return null;
        if (isHidden)
            return Hidden;
        var text = node.ToJsonString();
        return text.Length <= MostText ? text : $"{text[..MostText]}…";
    }
}
