using System.CommandLine;
using Resurgam.Adapters.Kubernetes.Restore;

namespace Resurgam.Restores;

/// <summary>The options of a restore into a cluster.</summary>
internal sealed record ObjectRequest
{
    /// <summary>Uid that the cluster must have; null: as the plan says.</summary>
    public string? ClusterUid { get; init; }

    public IReadOnlyList<ObjectSelector> Only { get; init; } = [];

    /// <summary>New name by old name.</summary>
    public IReadOnlyDictionary<string, string> Namespaces { get; init; } = new Dictionary<string, string>();

    public bool ForceConflicts { get; init; }

    /// <summary>An option of these that was given; null: none.</summary>
    public string? Given =>
        ClusterUid is not null ? "--cluster-uid"
        : Only.Count > 0 ? "--only"
        : Namespaces.Count > 0 ? "--map-namespace"
        : ForceConflicts ? "--force-conflicts"
        : null;
}

internal sealed class ObjectOptions
{
    private readonly Option<string?> _uid = new("--cluster-uid")
    {
        Description = "Kubernetes: the cluster that is meant, when the plan does not say it.",
        HelpName = "UID",
    };

    private readonly Option<string[]> _only = new("--only")
    {
        Description = "Kubernetes: only these objects: KIND, KIND/NAME or NAMESPACE/KIND/NAME, with * for any part.",
        HelpName = "OBJECTS",
    };

    private readonly Option<string[]> _map = new("--map-namespace")
    {
        Description = "Kubernetes: bring the objects of a namespace back into another one.",
        HelpName = "OLD=NEW",
    };

    private readonly Option<bool> _force = new("--force-conflicts")
    {
        Description = "Kubernetes: take fields that other managers own and have changed.",
    };

    private ObjectOptions() { }

    public static ObjectOptions AddTo(Command command)
    {
        ObjectOptions options = new();
        command.Add(options._uid);
        command.Add(options._only);
        command.Add(options._map);
        command.Add(options._force);
        return options;
    }

    public ObjectRequest Read(ParseResult line) =>
        new()
        {
            ClusterUid = line.GetValue(_uid),
            Only = [.. (line.GetValue(_only) ?? []).Select(SelectorOf)],
            Namespaces = (line.GetValue(_map) ?? []).Select(PairOf).DistinctBy(pair => pair.Key).ToDictionary(),
            ForceConflicts = line.GetValue(_force),
        };

    private static ObjectSelector SelectorOf(string text) =>
        ObjectSelector.TryParse(text) ?? throw RestoreFlowProblems.BadSelector(text);

    private static KeyValuePair<string, string> PairOf(string text) =>
        text.Split('=') is [{ Length: > 0 } old, { Length: > 0 } @new]
            ? KeyValuePair.Create(old, @new)
            : throw RestoreFlowProblems.BadNamespaceMap(text);
}
