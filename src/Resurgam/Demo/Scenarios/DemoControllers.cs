using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;

namespace Resurgam.Demo.Scenarios;

/// <summary>
/// Stands for what an API server alone has not: a controller that keeps as many pods as each Deployment wants and tells how many
/// there are, and a reconciler that writes back what the repository has, as long as nobody suspends it. No node runs the pods.
/// </summary>
internal sealed class DemoControllers : IAsyncDisposable
{
    private const string RestartMark = "kubectl.kubernetes.io/restartedAt";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly DemoApiServer _server;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _working;
    private int _pods;

    private DemoControllers(DemoApiServer server, TimeProvider time)
    {
        (_server, _time) = (server, time);
        _working = WorkAsync();
    }

    public static DemoControllers Start(DemoApiServer server, TimeProvider time) => new(server, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var api = await _server.ConnectAsync(_stop.Token);
                await LookAsync(api);
                await Task.Delay(BetweenLooks, _time, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (ResurgamException)
            {
                // Somebody else changed it meanwhile, or the server is gone: the next look tells.
                await Task.Delay(BetweenLooks, _time, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(ApiConnection api)
    {
        var reconciler = await api.FindAsync(ReferenceManifests.Reconciler, _stop.Token);
        var isReconciled = reconciler is not null && !reconciler.IsTrue("spec", "suspend");
        var pods = (await api.GetAsync(ReferenceManifests.Pods, _stop.Token)).Items("items").ToList();
        foreach (
            var deployment in (await api.GetAsync(ReferenceManifests.Deployments, _stop.Token)).Items("items").ToList()
        )
        {
            var name = deployment.FindText("metadata", "name") ?? "";
            var wanted = deployment.FindNumber("spec", "replicas") ?? 1;
            if (isReconciled && wanted != ReferenceManifests.Replicas)
                await PatchAsync(
                    api,
                    $"{ReferenceManifests.Deployments}/{name}",
                    new() { ["spec"] = new JsonObject { ["replicas"] = ReferenceManifests.Replicas } }
                );
            else
                await KeepAsync(
                    api,
                    name,
                    deployment,
                    pods.Where(pod => pod.FindText("metadata", "labels", "app") == name),
                    wanted
                );
        }
    }

    private async Task KeepAsync(
        ApiConnection api,
        string name,
        JsonObject deployment,
        IEnumerable<JsonObject> pods,
        long wanted
    )
    {
        var mark = deployment.FindText("spec", "template", "metadata", "annotations", RestartMark);
        var fitting = pods.ToLookup(pod => pod.FindText("metadata", "annotations", RestartMark) == mark);
        foreach (var pod in fitting[false].Concat(fitting[true].Skip((int)wanted)))
            await SendAsync(
                api,
                new ApiRequest(HttpMethod.Delete, $"{ReferenceManifests.Pods}/{pod.FindText("metadata", "name")}")
            );
        for (var there = fitting[true].Count(); there < wanted; there++)
            await SendAsync(
                api,
                new ApiRequest(HttpMethod.Post, ReferenceManifests.Pods) { Body = BytesOf(PodOf(name, deployment)) }
            );
        JsonObject status = new()
        {
            ["observedGeneration"] = deployment.FindNumber("metadata", "generation"),
            ["replicas"] = wanted,
            ["updatedReplicas"] = wanted,
            ["readyReplicas"] = wanted,
            ["availableReplicas"] = wanted,
        };
        if (status.Any(one => (deployment.FindNumber("status", one.Key) ?? 0) != status.FindNumber(one.Key)))
            await PatchAsync(api, $"{ReferenceManifests.Deployments}/{name}/status", new() { ["status"] = status });
    }

    private JsonObject PodOf(string name, JsonObject deployment)
    {
        var template = deployment.Find("spec", "template")?.DeepClone() as JsonObject ?? [];
        var metadata = template["metadata"] as JsonObject ?? [];
        metadata["name"] = $"{name}-{Interlocked.Increment(ref _pods)}";
        metadata["namespace"] = ReferenceManifests.Namespace;
        metadata["ownerReferences"] = new JsonArray(
            new JsonObject
            {
                ["apiVersion"] = "apps/v1",
                ["kind"] = "Deployment",
                ["name"] = name,
                ["uid"] = deployment.FindText("metadata", "uid"),
                ["controller"] = true,
            }
        );
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata.DeepClone(),
            ["spec"] = template["spec"]?.DeepClone(),
        };
    }

    private Task PatchAsync(ApiConnection api, string path, JsonObject patch) =>
        SendAsync(
            api,
            new ApiRequest(HttpMethod.Patch, $"{path}?fieldManager=demo")
            {
                Body = BytesOf(patch),
                BodyType = ApiRequest.MergeType,
            }
        );

    private async Task SendAsync(ApiConnection api, ApiRequest request)
    {
        var answer = await api.SendAsync(request, _stop.Token);
        if (!answer.IsGood && answer.Status is not (ApiAnswer.NotFound or ApiAnswer.Conflict))
            throw api.Refusal(request.Path, answer);
    }

    private static byte[] BytesOf(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}
