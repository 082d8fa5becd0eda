using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <summary>A cluster that actions are done to, once it was found to be the one that is meant.</summary>
public sealed class ActionTarget : IDisposable
{
    private readonly ServedTypes _types;

    internal ActionTarget(ApiConnection api, ServedTypes types) => (Api, _types) = (api, types);

    internal ApiConnection Api { get; }

    /// <exception cref="Core.Problems.ResurgamException">It has another uid.</exception>
    public static async Task<ActionTarget> OpenAsync(
        ConnectionSettings settings,
        string clusterUid,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => await OpenAsync(await ApiConnection.OpenAsync(settings, time, cancellationToken), clusterUid, cancellationToken);

    internal static async Task<ActionTarget> OpenAsync(
        ApiConnection api,
        string clusterUid,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
            if (facts.Uid != clusterUid)
                throw KubernetesProblems.OtherCluster(api.Server, facts.Uid, clusterUid);
            return new ActionTarget(api, await new ApiDiscovery(api).RunAsync(cancellationToken));
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    public void Dispose() => Api.Dispose();

    /// <summary>In the version that the cluster prefers.</summary>
    internal ResourceType? FindType(string group, string kind) =>
        _types.Preferred.FirstOrDefault(type => type.Group == group && type.Kind == kind);

    internal ResourceType GetType(string group, string kind) =>
        FindType(group, kind) ?? throw ActionProblems.NoType(Api.Server, kind, group);

    internal async Task<JsonObject> GetAsync(Workload workload, CancellationToken cancellationToken) =>
        await Api.FindAsync(PathOf(workload), cancellationToken) ?? throw ActionProblems.Absent(Api.Server, workload);

    internal string PathOf(Workload workload) =>
        GetType(workload.Group, workload.Kind).PathOf(workload.Namespace, workload.Name);

    /// <summary>Changes some fields as the manager <c>resurgam</c>, unless the object was changed since it was read.</summary>
    /// <param name="read">What was read; null: whatever it is by now.</param>
    internal async Task<JsonObject> PatchAsync(
        string path,
        JsonObject patch,
        JsonObject? read,
        CancellationToken cancellationToken
    )
    {
        if (read.FindText("metadata", "resourceVersion") is { } version)
        {
            var metadata = patch["metadata"] as JsonObject ?? [];
            patch["metadata"] = metadata;
            metadata["resourceVersion"] = version;
        }
        ApiRequest request = new(HttpMethod.Patch, $"{path}?fieldManager={ObjectApply.Manager}")
        {
            Body = Encoding.UTF8.GetBytes(patch.ToJsonString()),
            BodyType = ApiRequest.MergeType,
        };
        var answer = await Api.SendAsync(request, cancellationToken);
        if (answer.Status == ApiAnswer.Conflict)
            throw ActionProblems.ChangedMeanwhile(Api.Server, path);
        return answer is { IsGood: true, Json: { } json } ? json : throw Api.Refusal(path, answer);
    }

    internal async Task<IReadOnlyList<JsonObject>> ListAsync(
        ResourceType type,
        string @namespace,
        string? selector,
        CancellationToken cancellationToken
    )
    {
        ListRequest request = new(type) { Namespace = @namespace, Selector = selector };
        var (result, refusal) = await new ObjectList(Api).ReadAsync(request, cancellationToken);
        return result?.Items ?? throw KubernetesProblems.Denied(Api.Server, refusal?.Message ?? type.FullName);
    }
}

/// <summary>Something that has pods: a Deployment, a StatefulSet, a DaemonSet.</summary>
/// <param name="Group">Mostly <c>apps</c>.</param>
public sealed record Workload(string Group, string Kind, string Namespace, string Name)
{
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}
