using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>A rollback that does what it says: refused where something else would win, or nothing would change.</summary>
internal sealed class KubernetesRollbackWork(StepAction.KubernetesRollback action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    private const string Revision = "deployment.kubernetes.io/revision";
    private const string HashLabel = "pod-template-hash";
    private const string Was = "revision";

    private static readonly ResourceType ReplicaSets = new(
        Workload.Group,
        "v1",
        "replicasets",
        "ReplicaSet",
        IsNamespaced: true
    );

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var now = await cluster.GetAsync(action.Workload, cancellationToken);
        var template = await GetTemplateAsync(cluster, now, action.Revision, cancellationToken);
        AssertUseful(now, template);
        return StepReport.Done(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{action.Workload} is at revision {RevisionOf(now)} ({ImagesOf(now.Find("spec", "template"))}) and would have {ImagesOf(template)}"
            ),
            new StepNote(Was, RevisionOf(now).ToString(CultureInfo.InvariantCulture))
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var template = await SetAsync(cluster, action.Revision, cancellationToken);
        List<string> what =
        [
            $"{action.Workload} has the template of revision {action.Revision.ToString(CultureInfo.InvariantCulture)}",
            "configuration, secrets and schemas stayed as they are",
        ];
        foreach (var image in ImageList(template).Where(IsByTag))
            what.Add($"image {image} is named by a tag, which may mean another program today");
        return StepReport.Done(string.Join("; ", what));
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (!long.TryParse(Call.FindNote(Was), CultureInfo.InvariantCulture, out var revision))
            return StepReport.Done("it is not known which revision was there");
        using var cluster = await OpenAsync(cancellationToken);
        await SetAsync(cluster, revision, cancellationToken);
        return StepReport.Done(
            string.Create(CultureInfo.InvariantCulture, $"{action.Workload} is at what was revision {revision}")
        );
    }

    private async Task<JsonObject> SetAsync(ActionCluster cluster, long revision, CancellationToken cancellationToken)
    {
        var now = await cluster.GetAsync(action.Workload, cancellationToken);
        // After a first attempt the revision has a new number; its template is in force then, and the old number is gone.
        var template =
            await FindTemplateAsync(cluster, now, revision, cancellationToken)
            ?? (
                Call.Attempt > 1 && RevisionOf(now) > revision
                    ? (JsonObject)(now.Find("spec", "template") ?? new JsonObject())
                    : await GetTemplateAsync(cluster, now, revision, cancellationToken)
            );
        await cluster.ChangeAsync(
            cluster.PathOf(action.Workload),
            json =>
            {
                if (JsonNode.DeepEquals(template, json.Find("spec", "template")))
                    return null;
                if (!Call.IsUndo)
                    AssertUseful(json, template);
                return new JsonObject
                {
                    ["spec"] = new JsonObject { ["template"] = MergeOf(json.Find("spec", "template"), template) },
                };
            },
            cancellationToken
        );
        if (action.Waits)
            await WorkloadReadiness.AwaitAsync(cluster, action.Workload, Call, cancellationToken);
        return template;
    }

    private async Task<JsonObject> GetTemplateAsync(
        ActionCluster cluster,
        JsonObject now,
        long revision,
        CancellationToken cancellationToken
    ) =>
        await FindTemplateAsync(cluster, now, revision, cancellationToken)
        ?? throw KubernetesActionProblems.NoRevision(
            action.Workload,
            revision,
            (await ListSetsAsync(cluster, now, cancellationToken)).Select(RevisionOf).Order()
        );

    private static async Task<JsonObject?> FindTemplateAsync(
        ActionCluster cluster,
        JsonObject now,
        long revision,
        CancellationToken cancellationToken
    )
    {
        var sets = await ListSetsAsync(cluster, now, cancellationToken);
        if (sets.FirstOrDefault(set => RevisionOf(set) == revision) is not { } wanted)
            return null;
        var template = (JsonObject)(wanted.Find("spec", "template")?.DeepClone() ?? new JsonObject());
        template.Cut("metadata", "labels", HashLabel);
        return template;
    }

    private static async Task<IReadOnlyList<JsonObject>> ListSetsAsync(
        ActionCluster cluster,
        JsonObject deployment,
        CancellationToken cancellationToken
    )
    {
        var uid = deployment.FindText("metadata", "uid");
        var sets = await cluster.ListAsync(ReplicaSets, selector: null, cancellationToken);
        return
        [
            .. sets.Where(set => set.Items("metadata", "ownerReferences").Any(owner => owner.FindText("uid") == uid)),
        ];
    }

    private void AssertUseful(JsonObject now, JsonObject template)
    {
        if (!action.IsReconcilerPaused && FindMark(now) is { } mark)
            throw KubernetesActionProblems.Pointless(
                action.Workload,
                $"it is reconciled ({mark}), and a rollback would be written over"
            );
        if (now.IsTrue("spec", "paused"))
            throw KubernetesActionProblems.Pointless(action.Workload, "its rollout is paused");
        var (images, old) = (ImagesOf(template), ImagesOf(now.Find("spec", "template")));
        if (
            images == old
            && ImageList(template).Any(IsByTag)
            && !JsonNode.DeepEquals(template, now.Find("spec", "template"))
        )
            throw KubernetesActionProblems.Pointless(
                action.Workload,
                $"both revisions name the same images by tag ({images}): the same program would run"
            );
    }

    /// <summary>RFC 7396: what makes <paramref name="to"/> of <paramref name="from"/>. Fields that only the newer one has go.</summary>
    private static JsonObject MergeOf(JsonNode? from, JsonObject to)
    {
        JsonObject patch = [];
        foreach (var (name, value) in to)
            patch[name] =
                value is JsonObject inner && from.Find(name) is JsonObject there
                    ? MergeOf(there, inner)
                    : value?.DeepClone();
        foreach (var (name, _) in from as JsonObject ?? [])
            if (!to.ContainsKey(name))
                patch[name] = null;
        return patch;
    }

    private static string ImagesOf(JsonNode? template) => string.Join(", ", ImageList(template));

    private static IEnumerable<string> ImageList(JsonNode? template) =>
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
