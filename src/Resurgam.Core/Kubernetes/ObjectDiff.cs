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
    public static IReadOnlyList<FieldChange> Between(JsonObject old, JsonObject @new) =>
        Between(old, @new, isNewLeftOut: false);

    /// <summary>What the new one lacks or has otherwise; fields that only it has do not count.</summary>
    /// <returns>At most 100.</returns>
    public static IReadOnlyList<FieldChange> LostBetween(JsonObject old, JsonObject @new) =>
        Between(old, @new, isNewLeftOut: true);

    private static List<FieldChange> Between(JsonObject old, JsonObject @new, bool isNewLeftOut)
    {
        Search search = new(
            [],
            IsSecret: @new.FindText("kind") == "Secret" && ServerFields.GroupOf(@new).Length == 0,
            isNewLeftOut
        );
        Compare(old, @new, "", search);
        return search.Changes;
    }

    private static void Compare(JsonNode? old, JsonNode? @new, string path, Search search)
    {
        var isLeftOut = search.IsNewLeftOut && old is null;
        if (isLeftOut || search.Changes.Count >= MostChanges || JsonNode.DeepEquals(old, @new))
            return;
        if (old is JsonObject oldGroup && @new is JsonObject newGroup)
            foreach (
                var name in oldGroup
                    .Select(pair => pair.Key)
                    .Union(newGroup.Select(pair => pair.Key))
                    .Order(StringComparer.Ordinal)
            )
                Compare(oldGroup[name], newGroup[name], path.Length == 0 ? name : $"{path}.{name}", search);
        else if (old is JsonArray oldList && @new is JsonArray newList && oldList.Count == newList.Count)
            for (var i = 0; i < oldList.Count; i++)
                Compare(oldList[i], newList[i], $"{path}[{i}]", search);
        else
        {
            var isHidden =
                search.IsSecret
                && (
                    path.StartsWith("data", StringComparison.Ordinal)
                    || path.StartsWith("stringData", StringComparison.Ordinal)
                );
            search.Changes.Add(new FieldChange(path, Show(old, isHidden), Show(@new, isHidden)));
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

    /// <param name="Changes">What was found so far.</param>
    private sealed record Search(List<FieldChange> Changes, bool IsSecret, bool IsNewLeftOut);
}
