using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <param name="Preferred">Each type once, in the version that its group prefers, or the next one that has it.</param>
/// <param name="All">Every type in every version that is served.</param>
/// <param name="Unavailable">Groups that the cluster names and cannot serve, in words.</param>
internal sealed record ServedTypes(
    IReadOnlyList<ResourceType> Preferred,
    IReadOnlyList<ResourceType> All,
    IReadOnlyList<string> Unavailable
)
{
    /// <returns>Null when it is not served.</returns>
    public ResourceType? Find(string group, string version, string kind) =>
        All.FirstOrDefault(type => type.Group == group && type.Version == version && type.Kind == kind);
}

/// <summary>Asks a cluster which kinds of objects it has. Subresources, and what cannot be listed and read, are passed over.</summary>
internal sealed class ApiDiscovery(ApiConnection api)
{
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";

    /// <summary>The old home of types that have moved to groups of their own.</summary>
    private const string OldGroup = "extensions";

    private readonly List<ResourceType> _preferred = [];
    private readonly List<ResourceType> _all = [];
    private readonly List<string> _unavailable = [];

    public async Task<ServedTypes> RunAsync(CancellationToken cancellationToken)
    {
        await ReadAsync("", "v1", cancellationToken);
        var groups = await api.GetAsync("/apis", cancellationToken);
        foreach (var group in groups.Items("groups"))
        {
            var name = group.FindText("name") ?? "";
            var first = group.FindText("preferredVersion", "version");
            var versions = group.Items("versions").Select(each => each.FindText("version")).OfType<string>();
            foreach (var version in versions.OrderBy(each => each == first ? 0 : 1).ToList())
                await ReadAsync(name, version, cancellationToken);
        }
        await ReadBrokenAsync(cancellationToken);
        var moved = _preferred.Where(type => type.Group != OldGroup).Select(type => type.Kind).ToHashSet();
        return new ServedTypes(
            [.. _preferred.Where(type => type.Group != OldGroup || !moved.Contains(type.Kind))],
            _all,
            [.. _unavailable.Distinct()]
        );
    }

    private async Task ReadAsync(string group, string version, CancellationToken cancellationToken)
    {
        var path = group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}";
        var answer = await api.SendAsync(ApiRequest.Get(path), cancellationToken);
        if (!answer.IsGood || answer.Json is not { } json)
        {
            _unavailable.Add($"the API {path[(path.IndexOf('/', 1) + 1)..]} is not served: {answer.Message}");
            return;
        }
        foreach (var each in json.Items("resources"))
            Add(group, version, each);
    }

    private void Add(string group, string version, JsonObject json)
    {
        var (plural, kind) = (json.FindText("name"), json.FindText("kind"));
        if (plural is null || kind is null || plural.Contains('/'))
            return;
        var verbs = json.Texts("verbs").ToHashSet();
        if (!verbs.IsSupersetOf(["list", "get"]))
            return;
        ResourceType type = new(group, version, plural, kind, json.IsTrue("namespaced"));
        _all.Add(type);
        if (!_preferred.Any(other => other.Group == group && other.Plural == plural))
            _preferred.Add(type);
    }

    /// <summary>A group whose program is down may vanish from the list of groups; its registration stays.</summary>
    private async Task ReadBrokenAsync(CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync(ApiRequest.Get(Services), cancellationToken);
        if (!answer.IsGood)
            return; // who may not see it still learns of groups that are listed and do not answer
        foreach (var service in answer.Json.Items("items"))
            if (
                service
                    .Items("status", "conditions")
                    .FirstOrDefault(each =>
                        each.FindText("type") == "Available" && each.FindText("status") == "False"
                    ) is
                { } condition
            )
                _unavailable.Add(
                    $"the API {service.FindText("spec", "group")}/{service.FindText("spec", "version")} is not available: {condition.FindText("message")}"
                );
    }
}
