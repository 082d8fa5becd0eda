using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Capture;

/// <summary>Lists type after type: first what lies in the chosen namespaces, then what that needs of the whole cluster.</summary>
internal sealed class CaptureWalk(
    ApiConnection api,
    CapturedCluster cluster,
    KubernetesSource source,
    ChosenNamespaces chosen
)
{
    private const string SealingKeyLabel = "sealedsecrets.bitnami.com/sealed-secrets-key";

    private readonly ObjectList _list = new(api);
    private readonly List<string> _findings = [];
    private readonly HashSet<string> _sealingKeys = new(StringComparer.Ordinal);

    public References References { get; } = new(chosen.Names);

    public IReadOnlyList<string> Findings => _findings;

    public IReadOnlySet<string> SealingKeys => _sealingKeys;

    public async Task ReadAsync(IReadOnlyList<ResourceType> types, CancellationToken cancellationToken)
    {
        var wanted = types.Where(type => !LeftOut.IsTypeOut(type)).ToList();
        foreach (var type in wanted.Where(type => type.IsNamespaced))
            await ReadNamespacedAsync(type, cancellationToken);
        // Bindings name roles, and instances their definitions: those come after what they are found by.
        foreach (var type in wanted.Where(type => !type.IsNamespaced).OrderBy(RankOf))
            await ReadClusterWideAsync(type, cancellationToken);
    }

    public async Task ReadSealingKeysAsync(ResourceType secrets, CancellationToken cancellationToken)
    {
        ListRequest request = new(secrets) { Selector = SealingKeyLabel, Moment = cluster.Moment };
        if (await TryListAsync(request, cancellationToken) is not { } list)
            return;
        foreach (var item in list.Items)
            if (!chosen.Names.Contains(item.FindText("metadata", "namespace") ?? ""))
                await KeepAsync(secrets, item, cancellationToken);
        cluster.End(secrets, list.ResourceVersion);
    }

    private async Task ReadNamespacedAsync(ResourceType type, CancellationToken cancellationToken)
    {
        IEnumerable<string?> places = chosen.AreAll ? [null] : chosen.Names.Order(StringComparer.Ordinal);
        foreach (var place in places)
        {
            ListRequest request = new(type)
            {
                Namespace = place,
                Selector = source.Selector,
                Moment = cluster.Moment,
            };
            if (await TryListAsync(request, cancellationToken) is not { } list)
                return; // said once for all namespaces
            foreach (var item in list.Items)
                if (chosen.Names.Contains(item.FindText("metadata", "namespace") ?? ""))
                    await KeepAsync(type, item, cancellationToken);
            cluster.End(type, list.ResourceVersion);
        }
    }

    private async Task ReadClusterWideAsync(ResourceType type, CancellationToken cancellationToken)
    {
        ListRequest request = new(type) { Moment = cluster.Moment };
        if (await TryListAsync(request, cancellationToken) is not { } list)
            return;
        foreach (var item in list.Items)
            if (IsWanted(type, item))
                await KeepAsync(type, item, cancellationToken);
        cluster.End(type, list.ResourceVersion);
    }

    private bool IsWanted(ResourceType type, JsonObject item) =>
        type is { Group: "", Kind: "Namespace" }
            ? chosen.Names.Contains(item.FindText("metadata", "name") ?? "")
            : source.IsClusterWide || References.Needs(type, item);

    private async Task KeepAsync(ResourceType type, JsonObject item, CancellationToken cancellationToken)
    {
        // Items of a list do not say what they are.
        item["apiVersion"] = type.ApiVersion;
        item["kind"] = type.Kind;
        if (LeftOut.ReasonFor(type, item) is { } reason)
        {
            cluster.LeaveOut(type, reason);
            return;
        }
        References.Add(type, item);
        if (
            type is { Group: "", Kind: "Secret" }
            && item.Find("metadata", "labels") is JsonObject labels
            && labels.ContainsKey(SealingKeyLabel)
        )
            _sealingKeys.Add($"{item.FindText("metadata", "namespace")}/{item.FindText("metadata", "name")}");
        await cluster.AddAsync(type, item, cancellationToken);
    }

    /// <returns>Null when we may not list it: a finding.</returns>
    private async Task<ListResult?> TryListAsync(ListRequest request, CancellationToken cancellationToken)
    {
        var (result, refusal) = await _list.ReadAsync(request, cancellationToken);
        if (refusal is not null)
            _findings.Add($"{request.Type.FullName} are not in the snapshot: {refusal.Message}");
        return result;
    }

    private static int RankOf(ResourceType type) =>
        type.Kind switch
        {
            "ClusterRoleBinding" => 0,
            "ClusterRole" => 1,
            "CustomResourceDefinition" => 3,
            _ => 2,
        };
}
