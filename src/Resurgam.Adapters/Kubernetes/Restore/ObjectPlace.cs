using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>Where objects go in this cluster: which types it serves, and the uids of owners there.</summary>
internal sealed class ObjectPlace(
    ApiConnection api,
    IReadOnlyList<SnapshotObject> objects,
    NamespaceMap map,
    bool isDryRun,
    List<string> notes
)
{
    private static readonly ResourceType NamespaceType = new("", "v1", "namespaces", "Namespace", IsNamespaced: false);

    private readonly HashSet<string> _missingNamespaces = new(StringComparer.Ordinal);
    private ServedTypes _types = new([], [], []);

    public SharedObject Shared { get; } = new(api, map);

    /// <summary>Asks anew: definitions bring new types.</summary>
    public async Task DiscoverAsync(CancellationToken cancellationToken)
    {
        _types = await new ApiDiscovery(api).RunAsync(cancellationToken);
        if (!isDryRun)
            return;
        foreach (var each in objects.Where(each => each.Key is { Group: "", Kind: "Namespace" }))
            if (
                map.Map(each.Key).Name is var name
                && await api.FindAsync(NamespaceType.PathOf(name: name), cancellationToken) is null
            )
                _missingNamespaces.Add(name);
    }

    /// <returns>Null when the cluster does not serve it.</returns>
    public ResourceType? Find(ObjectKey key) => _types.Find(key.Group, key.Version, key.Kind);

    /// <summary>The versions in which the cluster serves the same type, the preferred one first.</summary>
    public IReadOnlyList<ResourceType> OthersOf(ObjectKey key) =>
        [.. _types.All.Where(type => type.Group == key.Group && type.Kind == key.Kind)];

    public string WhyUnknown(ObjectKey key)
    {
        if (OthersOf(key) is { Count: > 0 } others)
            return $"the cluster does not serve {key.Kind} as {key.ApiVersion}, only as {string.Join(", ", others.Select(type => type.ApiVersion))}";
        var unknown = $"the cluster does not know {key.Kind} of {key.ApiVersion}";
        return _types.Preferred.FirstOrDefault(type => type.Kind == key.Kind) is { } moved
            ? $"{unknown}, but one of {moved.ApiVersion}"
            : unknown;
    }

    /// <summary>Only in a dry run: the server cannot say what it thinks of an object whose namespace or definition it would get first.</summary>
    public string? WhyNotYet(ObjectKey key)
    {
        if (!isDryRun)
            return null;
        if (key.Namespace is { } place && _missingNamespaces.Contains(place))
            return "not checked: its namespace would have to be there first";
        return
            Find(key) is null && objects.Any(each => each.Stage == RestoreOrder.Definitions && IsOf(each.Key.Name, key))
            ? "not checked: its definition would have to be there first"
            : null;
    }

    /// <summary>Owners are known by uid, and have another one here. One that is not here owns no more.</summary>
    public async Task NameOwnersAsync(ObjectKey key, JsonObject json, CancellationToken cancellationToken)
    {
        if (json.Find("metadata", "ownerReferences") is not JsonArray owners)
            return;
        foreach (var owner in owners.OfType<JsonObject>().ToList())
        {
            var uid = await FindUidAsync(key, owner, cancellationToken);
            if (uid is not null)
                owner["uid"] = uid;
            else
            {
                owners.Remove(owner);
                notes.Add(
                    $"{key} no longer belongs to {owner.FindText("kind")} {owner.FindText("name")}, which is not here"
                );
            }
        }
        if (owners.Count == 0)
            json.Cut("metadata", "ownerReferences");
    }

    private async Task<string?> FindUidAsync(ObjectKey key, JsonObject owner, CancellationToken cancellationToken)
    {
        var (group, version) =
            owner.FindText("apiVersion") is { } text && text.Split('/') is [var first, var second]
                ? (first, second)
                : ("", owner.FindText("apiVersion") ?? "");
        var kind = owner.FindText("kind") ?? "";
        var type =
            _types.Find(group, version, kind)
            ?? _types.All.FirstOrDefault(type => type.Group == group && type.Kind == kind);
        if (type is null || owner.FindText("name") is not { } name)
            return null;
        owner["apiVersion"] = type.ApiVersion;
        var found = await api.FindAsync(type.PathOf(type.IsNamespaced ? key.Namespace : null, name), cancellationToken);
        return found.FindText("metadata", "uid");
    }

    /// <summary>A definition's name is its plural and its group; which plural a kind has, only the definition says.</summary>
    private static bool IsOf(string definition, ObjectKey key) =>
        definition.EndsWith($".{key.Group}", StringComparison.Ordinal);
}
