using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>
/// Objects of the whole cluster that lead into a namespace, when its objects come back under another name beside it: the
/// namespace that is in use keeps what it has.
/// </summary>
internal sealed class SharedObject(ApiConnection api, NamespaceMap map)
{
    /// <summary>A binding gets those, too, for whom it is there.</summary>
    /// <param name="json">With the new names.</param>
    /// <returns>Why it must not be brought back; null when it may.</returns>
    public async Task<string?> JoinAsync(
        ObjectKey key,
        ResourceType type,
        JsonObject json,
        CancellationToken cancellationToken
    )
    {
        if (map.IsEmpty || key.Namespace is not null || key is { Group: "", Kind: "Namespace" })
            return null;
        if (await api.FindAsync(type.PathOf(name: key.Name), cancellationToken) is not { } there || !Speaks(there))
            return null;
        if (key.Kind != "ClusterRoleBinding")
            return "it is there and leads into the namespace that was captured: brought back beside it, that would lose it";
        JsonArray subjects = [.. there.Items("subjects").Select(subject => subject.DeepClone())];
        foreach (var subject in json.Items("subjects"))
            if (!subjects.Any(other => JsonNode.DeepEquals(other, subject)))
                subjects.Add(subject.DeepClone());
        json["subjects"] = subjects;
        return null;
    }

    /// <summary>Of a namespace that gets another name.</summary>
    private bool Speaks(JsonObject json)
    {
        var mapped = (JsonObject)json.DeepClone();
        map.Apply(mapped);
        return !JsonNode.DeepEquals(json, mapped);
    }
}
