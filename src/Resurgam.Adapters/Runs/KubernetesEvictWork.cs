using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Ends pods by the eviction API; a plain deletion would not ask disruption budgets.</summary>
internal sealed class KubernetesEvictWork(StepAction.KubernetesEvict action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var pods = await ChoosePodsAsync(cluster, action.Selector, action.Most, cancellationToken);
        return StepReport.Done($"{pods.Count} pods would be evicted", [.. pods]);
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        // policy/v1 since 1.22; older clusters know v1beta1 alone.
        var version =
            (await cluster.FindTypeAsync("policy", "PodDisruptionBudget", cancellationToken))?.Version ?? "v1";
        foreach (var (name, uid) in NotedPods)
            while (await IsThereAsync(cluster, name, uid, cancellationToken))
            {
                await EvictAsync(cluster, name, uid, version, cancellationToken);
                await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
            }
        return StepReport.Done($"gone: {string.Join(", ", NotedPods.Select(pod => pod.Name))}");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        foreach (var (name, uid) in NotedPods)
            if (await IsThereAsync(cluster, name, uid, cancellationToken))
                return false;
        return true;
    }

    /// <summary>One of the same name may have taken its place.</summary>
    private static async Task<bool> IsThereAsync(
        ActionCluster cluster,
        string name,
        string uid,
        CancellationToken cancellationToken
    ) =>
        await cluster.Api.FindAsync(cluster.PathOfPod(name), cancellationToken) is { } pod
        && pod.FindText("metadata", "uid") == uid;

    /// <summary>A budget that does not allow it now (429), and a pod that is gone, are no failures: it is looked at again.</summary>
    private static async Task EvictAsync(
        ActionCluster cluster,
        string name,
        string uid,
        string version,
        CancellationToken cancellationToken
    )
    {
        var path = $"{cluster.PathOfPod(name)}/eviction";
        JsonObject body = new()
        {
            ["apiVersion"] = $"policy/{version}",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = cluster.Namespace },
            ["deleteOptions"] = new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = uid } },
        };
        ApiRequest request = new(HttpMethod.Post, path)
        {
            Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
            IsImpatient = true,
        };
        var answer = await cluster.Api.SendAsync(request, cancellationToken);
        if (!answer.IsGood && answer.Status is not (ApiAnswer.NotFound or ApiAnswer.TooMany or ApiAnswer.Conflict))
            throw cluster.Api.Refusal(path, answer);
    }
}
