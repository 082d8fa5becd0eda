using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <param name="Revision">The one that is there now.</param>
/// <param name="Previous">The one that was there.</param>
/// <param name="Warnings">What a rollback does not bring back, in words.</param>
public sealed record UndoResult(long Revision, long Previous, IReadOnlyList<string> Warnings);

/// <summary>Restarts the pods of a workload, or gives a Deployment an earlier template, and waits until it is ready.</summary>
public sealed class Rollout(ActionTarget target)
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
    private const string Revision = "deployment.kubernetes.io/revision";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Whoever carries one of these is written anew by a reconciler, and a rollback with it.</summary>
    private static readonly string[] ReconcilerMarks =
    [
        "kustomize.toolkit.fluxcd.io/name",
        "helm.toolkit.fluxcd.io/name",
        "argocd.argoproj.io/instance",
        "argocd.argoproj.io/tracking-id",
    ];

    /// <param name="at">Run again with the same time it restarts nothing anew.</param>
    public async Task RestartAsync(Workload workload, DateTimeOffset at, CancellationToken cancellationToken)
    {
        JsonObject patch = new()
        {
            ["spec"] = new JsonObject
            {
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["annotations"] = new JsonObject
                        {
                            [RestartedAt] = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                        },
                    },
                },
            },
        };
        await target.PatchAsync(target.PathOf(workload), patch, read: null, cancellationToken);
    }

    /// <param name="revision">Which one; never "the one before", which is another one after a second try.</param>
    /// <param name="isReconcilerPaused">Its reconciler was held: <see cref="Pausing"/>.</param>
    /// <exception cref="Core.Problems.ResurgamException">There is no such revision, or a rollback would not hold.</exception>
    public async Task<UndoResult> UndoAsync(
        Workload deployment,
        long revision,
        bool isReconcilerPaused,
        CancellationToken cancellationToken
    )
    {
        var now = await target.GetAsync(deployment, cancellationToken);
        if (FindMark(now) is { } mark && !isReconcilerPaused)
            throw ActionProblems.UndoPointless(deployment, $"it is reconciled ({mark}) and would be written anew");
        if (now.IsTrue("spec", "paused"))
            throw ActionProblems.UndoPointless(deployment, "its rollout is paused");
        var uid = now.FindText("metadata", "uid");
        var sets = (
            await target.ListAsync(target.GetType("apps", "ReplicaSet"), deployment.Namespace, selector: null, cancellationToken)
        )
            .Where(set => set.Items("metadata", "ownerReferences").Any(owner => owner.FindText("uid") == uid))
            .ToDictionary(RevisionOf);
        if (!sets.TryGetValue(revision, out var wanted))
            throw ActionProblems.NoRevision(deployment, revision, sets.Keys.Order());
        var template = (JsonObject)(wanted.Find("spec", "template")?.DeepClone() ?? new JsonObject());
        template.Cut("metadata", "labels", "pod-template-hash");
        if (JsonNode.DeepEquals(template, now.Find("spec", "template")))
            return new UndoResult(revision, revision, []);
        if (ImagesOf(template).SequenceEqual(ImagesOf(now.Find("spec", "template"))) && ImagesOf(template).Any(IsByTag))
            throw ActionProblems.UndoPointless(
                deployment,
                $"revision {revision} has the same images by tag ({string.Join(", ", ImagesOf(template))})"
            );
        await ReplaceTemplateAsync(deployment, now, template, cancellationToken);
        return new UndoResult(revision, RevisionOf(now), [.. WarningsOf(template)]);
    }

    /// <exception cref="Core.Problems.ResurgamException">It is not ready within <paramref name="limit"/>.</exception>
    public async Task AwaitReadyAsync(Workload workload, TimeSpan limit, CancellationToken cancellationToken)
    {
        var time = target.Api.Time;
        var began = time.GetTimestamp();
        while (true)
        {
            var state = StateOf(await target.GetAsync(workload, cancellationToken));
            if (state is null)
                return;
            if (time.GetElapsedTime(began) > limit)
                throw ActionProblems.NotReady(workload, limit, state);
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    /// <returns>What is missing, in words; null when it is ready.</returns>
    internal static string? StateOf(JsonObject json)
    {
        if (json.FindNumber("status", "observedGeneration") is not { } seen || seen < json.FindNumber("metadata", "generation"))
            return "its controller has not seen the change yet";
        if (json.FindText("kind") == "DaemonSet")
            return Missing(
                json.FindNumber("status", "desiredNumberScheduled") ?? 0,
                json.FindNumber("status", "updatedNumberScheduled") ?? 0,
                json.FindNumber("status", "numberAvailable") ?? 0
            );
        var wanted = json.FindNumber("spec", "replicas") ?? 1;
        var all = json.FindNumber("status", "replicas") ?? 0;
        return Missing(
                wanted,
                json.FindNumber("status", "updatedReplicas") ?? 0,
                json.FindNumber("status", "availableReplicas") ?? json.FindNumber("status", "readyReplicas") ?? 0
            ) ?? (all > wanted ? $"{all - wanted} old pods are still there" : null);
    }

    private static string? Missing(long wanted, long updated, long available) =>
        updated < wanted ? $"{updated} of {wanted} pods are of the new template"
        : available < wanted ? $"{available} of {wanted} pods are available"
        : null;

    /// <summary>The template as a whole: fields that only the newer one has must go.</summary>
    private async Task ReplaceTemplateAsync(
        Workload deployment,
        JsonObject now,
        JsonObject template,
        CancellationToken cancellationToken
    )
    {
        var patch = new JsonObject
        {
            ["spec"] = new JsonObject { ["template"] = MergeOf(now.Find("spec", "template"), template) },
        };
        await target.PatchAsync(target.PathOf(deployment), patch, now, cancellationToken);
    }

    /// <summary>RFC 7396: what makes <paramref name="to"/> of <paramref name="from"/>.</summary>
    private static JsonObject MergeOf(JsonNode? from, JsonObject to)
    {
        JsonObject patch = [];
        foreach (var (name, value) in to)
            patch[name] =
                value is JsonObject inner && from.Find(name) is JsonObject there ? MergeOf(there, inner) : value?.DeepClone();
        foreach (var (name, _) in from as JsonObject ?? [])
            if (!to.ContainsKey(name))
                patch[name] = null;
        return patch;
    }

    private static string? FindMark(JsonObject json) =>
        ReconcilerMarks.FirstOrDefault(mark =>
            json.FindText("metadata", "labels", mark) is not null
            || json.FindText("metadata", "annotations", mark) is not null
        );

    private static IEnumerable<string> WarningsOf(JsonObject template)
    {
        yield return "configuration, secrets and database schemas stay as they are: check that they fit the older program";
        foreach (var image in ImagesOf(template).Where(IsByTag))
            yield return $"image {image} is named by a tag, which may mean another program today";
    }

    private static IEnumerable<string> ImagesOf(JsonNode? template) =>
        template.Items("spec", "containers").Select(each => each.FindText("image") ?? "");

    private static bool IsByTag(string image) => !image.Contains("@sha256:", StringComparison.Ordinal);

    private static long RevisionOf(JsonObject json) =>
        long.TryParse(
            json.FindText("metadata", "annotations", Revision),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var revision
        )
            ? revision
            : 0;
}
