using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <param name="Name">A file name below the collection.</param>
/// <param name="Digest">SHA-256 of the content, 64 lower-case hexadecimal digits.</param>
public sealed record EvidenceItem(string Name, byte[] Content, string Digest);

/// <param name="Missing">What could not be had, in words.</param>
public sealed record EvidenceResult(IReadOnlyList<EvidenceItem> Items, IReadOnlyList<string> Missing);

/// <summary>
/// Takes what a later step would destroy: what a pod said, also before its last restart, what it is made of (the images by digest
/// among it), and what happened to it. To be run before anything is changed.
/// </summary>
public sealed class EvidenceCollection(ActionTarget target)
{
    /// <summary>Of one container; of a longer log the beginning, as the API gives it.</summary>
    private const int MostLogBytes = 16 << 20;

    private readonly List<EvidenceItem> _items = [];
    private readonly List<string> _missing = [];

    public async Task<EvidenceResult> RunAsync(string @namespace, string pod, CancellationToken cancellationToken)
    {
        var type = target.GetType("", "Pod");
        var path = type.PathOf(@namespace, pod);
        var json = await target.Api.GetAsync(path, cancellationToken);
        Add("pod.json", CanonicalJson.Write(json));
        foreach (var container in Containers(json))
        {
            await AddLogAsync($"{path}/log?container={container}&timestamps=true", $"{container}.log", cancellationToken);
            if (HasRestarted(json, container))
                await AddLogAsync(
                    $"{path}/log?container={container}&timestamps=true&previous=true",
                    $"{container}.previous.log",
                    cancellationToken
                );
        }
        await AddEventsAsync(@namespace, pod, cancellationToken);
        return new EvidenceResult(_items, _missing);
    }

    private static IEnumerable<string> Containers(JsonObject pod) =>
        new[] { "initContainers", "containers", "ephemeralContainers" }
            .SelectMany(list => pod.Items("spec", list))
            .Select(each => each.FindText("name"))
            .OfType<string>();

    private static bool HasRestarted(JsonObject pod, string container) =>
        new[] { "initContainerStatuses", "containerStatuses" }
            .SelectMany(list => pod.Items("status", list))
            .Any(each => each.FindText("name") == container && each.FindNumber("restartCount") > 0);

    private async Task AddLogAsync(string path, string name, CancellationToken cancellationToken)
    {
        var answer = await target.Api.SendAsync(
            ApiRequest.Get($"{path}&limitBytes={MostLogBytes}"),
            cancellationToken
        );
        if (answer.IsGood)
            Add(name, answer.Content);
        else
            _missing.Add($"{name}: {answer.Message}");
    }

    private async Task AddEventsAsync(string @namespace, string pod, CancellationToken cancellationToken)
    {
        var field = Uri.EscapeDataString($"involvedObject.name={pod}");
        var answer = await target.Api.SendAsync(
            ApiRequest.Get($"/api/v1/namespaces/{@namespace}/events?fieldSelector={field}"),
            cancellationToken
        );
        if (answer is { IsGood: true, Json: { } json })
            Add("events.json", CanonicalJson.Write(json));
        else
            _missing.Add($"events.json: {answer.Message}");
    }

    private void Add(string name, byte[] content) =>
        _items.Add(new EvidenceItem(name, content, Convert.ToHexStringLower(SHA256.HashData(content))));
}
