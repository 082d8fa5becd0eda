using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>What pods said, also before their last restart, what they are made of, and what happened to them.</summary>
internal sealed class KubernetesEvidenceWork(StepAction.KubernetesEvidence action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    /// <summary>Of one container; of a longer log the beginning, as the API gives it.</summary>
    private const int MostLogBytes = 16 << 20;

    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];
    private static readonly string[] StatusLists = ["initContainerStatuses", "containerStatuses"];

    private readonly List<EvidenceFile> _files = [];
    private readonly List<string> _missing = [];

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var pods = await cluster.ListPodsAsync(action.Selector, cancellationToken);
        return StepReport.Done($"evidence of {pods.Count} pods would be kept");
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var pods = await cluster.ListPodsAsync(action.Selector, cancellationToken);
        if (pods.Count == 0)
            throw KubernetesActionProblems.NoPods(cluster.Api.Server, action.Selector, cluster.Namespace);
        foreach (var pod in pods)
            await AddPodAsync(cluster, pod, cancellationToken);
        var kept = await Tools.Vault.KeepAsync($"{Call.Run}/{Call.Step.Id}", _files, cancellationToken);
        var missing = _missing.Count > 0 ? $"; not to be had: {string.Join(", ", _missing)}" : "";
        return StepReport.Done(
            $"{_files.Count} files of {pods.Count} pods are in snapshot {kept[..8]}{missing}",
            [new StepNote("snapshot", kept), .. _files.Select(file => new StepNote($"sha256.{file.Name}", file.Digest))]
        );
    }

    private async Task AddPodAsync(ActionCluster cluster, JsonObject pod, CancellationToken cancellationToken)
    {
        var name = NameOf(pod);
        Add($"{name}/pod.json", CanonicalJson.Write(pod));
        foreach (var container in Containers(pod))
        {
            var path = $"{cluster.PathOfPod(name)}/log?container={container}&timestamps=true&limitBytes={MostLogBytes}";
            await AddAsync(cluster, path, $"{name}/{container}.log", cancellationToken);
            if (HasRestarted(pod, container))
                await AddAsync(cluster, $"{path}&previous=true", $"{name}/{container}.previous.log", cancellationToken);
        }
        var field = Uri.EscapeDataString($"involvedObject.name={name}");
        await AddAsync(
            cluster,
            $"/api/v1/namespaces/{cluster.Namespace}/events?fieldSelector={field}",
            $"{name}/events.json",
            cancellationToken
        );
    }

    private async Task AddAsync(ActionCluster cluster, string path, string name, CancellationToken cancellationToken)
    {
        var answer = await cluster.Api.SendAsync(ApiRequest.Get(path), cancellationToken);
        if (answer.IsGood)
            Add(name, answer.Content);
        else
            _missing.Add($"{name} ({answer.Message})");
    }

    private void Add(string name, byte[] content) => _files.Add(new EvidenceFile(name, content));

    private static IEnumerable<string> Containers(JsonObject pod) =>
        ContainerLists
            .SelectMany(list => pod.Items("spec", list))
            .Select(each => each.FindText("name"))
            .OfType<string>();

    private static bool HasRestarted(JsonObject pod, string container) =>
        StatusLists
            .SelectMany(list => pod.Items("status", list))
            .Any(each => each.FindText("name") == container && each.FindNumber("restartCount") > 0);
}
