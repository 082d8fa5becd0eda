using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>The namespace of a target, once its cluster was found to be the one that is meant.</summary>
internal sealed class ActionCluster : IDisposable
{
    /// <summary>Somebody else writes the same object at the same time.</summary>
    private const int MostRaces = 5;

    private static readonly ResourceType Pods = new("", "v1", "pods", "Pod", IsNamespaced: true);

    private ServedTypes? _types;

    private ActionCluster(ApiConnection api, string @namespace) => (Api, Namespace) = (api, @namespace);

    public ApiConnection Api { get; }

    public string Namespace { get; }

    /// <exception cref="Core.Problems.ResurgamException">It has another uid.</exception>
    public static async Task<ActionCluster> OpenAsync(
        Target.Kubernetes target,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        var api =
            tools.OpenCluster?.Invoke(target)
            ?? await ApiConnection.OpenAsync(
                new ConnectionSettings
                {
                    Kubeconfig = target.Kubeconfig,
                    Context = target.Context,
                    FindVariable = tools.Variable,
                },
                tools.Time,
                cancellationToken
            );
        try
        {
            var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
            var meant = target.ClusterUid ?? await ReadUidAsync(target, cancellationToken);
            return facts.Uid == meant
                ? new ActionCluster(api, target.Namespace)
                : throw KubernetesProblems.OtherCluster(api.Server, facts.Uid, meant);
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    private static async Task<string> ReadUidAsync(Target.Kubernetes target, CancellationToken cancellationToken)
    {
        var file = target.ClusterUidFile ?? "";
        return File.Exists(file)
            ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim()
            : throw KubernetesActionProblems.NoUidFile(target.Id, file);
    }

    public void Dispose() => Api.Dispose();

    /// <summary>Which types the cluster serves; asked once.</summary>
    public async Task<ServedTypes> GetTypesAsync(CancellationToken cancellationToken) =>
        _types ??= await new ApiDiscovery(Api).RunAsync(cancellationToken);

    public void ForgetTypes() => _types = null;

    /// <returns>In the version that the cluster prefers; null when it does not serve it.</returns>
    public async Task<ResourceType?> FindTypeAsync(string group, string kind, CancellationToken cancellationToken) =>
        (await GetTypesAsync(cancellationToken)).Preferred.FirstOrDefault(type =>
            type.Group == group && type.Kind == kind
        );

    public string PathOf(Workload workload) =>
        new ResourceType(
            Workload.Group,
            "v1",
            $"{workload.Kind.ToLowerInvariant()}s",
            workload.Kind,
            IsNamespaced: true
        ).PathOf(Namespace, workload.Name);

    public string PathOfPod(string name) => Pods.PathOf(Namespace, name);

    public Task<JsonObject> GetAsync(Workload workload, CancellationToken cancellationToken) =>
        Api.GetAsync(PathOf(workload), cancellationToken);

    public Task<IReadOnlyList<JsonObject>> ListPodsAsync(string selector, CancellationToken cancellationToken) =>
        ListAsync(Pods, selector, cancellationToken);

    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        ResourceType type,
        string? selector,
        CancellationToken cancellationToken
    )
    {
        ListRequest request = new(type) { Namespace = Namespace, Selector = selector };
        var (result, refusal) = await new ObjectList(Api).ReadAsync(request, cancellationToken);
        return result?.Items ?? throw KubernetesProblems.Denied(Api.Server, refusal?.Message ?? type.FullName);
    }

    /// <summary>Changes some fields as the manager <c>resurgam</c>, by what the object is at that moment and no other.</summary>
    /// <param name="patchOf">RFC 7396; null: it is as it shall be.</param>
    /// <returns>Whether something was changed.</returns>
    public async Task<bool> ChangeAsync(
        string path,
        Func<JsonObject, JsonObject?> patchOf,
        CancellationToken cancellationToken
    )
    {
        for (var races = 0; ; races++)
        {
            var read = await Api.GetAsync(path, cancellationToken);
            if (patchOf(read) is not { } patch)
                return false;
            var metadata = patch["metadata"] as JsonObject ?? [];
            patch["metadata"] = metadata;
            metadata["resourceVersion"] = read.FindText("metadata", "resourceVersion");
            ApiRequest request = new(HttpMethod.Patch, $"{path}?fieldManager={ObjectApply.Manager}")
            {
                Body = Encoding.UTF8.GetBytes(patch.ToJsonString()),
                BodyType = ApiRequest.MergeType,
            };
            var answer = await Api.SendAsync(request, cancellationToken);
            if (answer.IsGood)
                return true;
            // Also our own change, when its answer was lost: what is read next says so.
            if (answer.Status != ApiAnswer.Conflict)
                throw Api.Refusal(path, answer);
            if (races >= MostRaces)
                throw KubernetesActionProblems.ChangedMeanwhile(Api.Server, path);
        }
    }

    /// <summary>A merge patch of one annotation.</summary>
    /// <param name="value">Null: it goes.</param>
    public static JsonObject Annotate(JsonObject patch, string name, string? value)
    {
        var metadata = patch["metadata"] as JsonObject ?? [];
        patch["metadata"] = metadata;
        var annotations = metadata["annotations"] as JsonObject ?? [];
        metadata["annotations"] = annotations;
        annotations[name] = value;
        return patch;
    }
}
