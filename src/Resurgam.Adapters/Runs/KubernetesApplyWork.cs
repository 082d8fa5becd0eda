using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Manifests of a folder, first all of them in a dry run by the server, then for good.</summary>
internal sealed class KubernetesApplyWork(StepAction.KubernetesApply action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    private const int MostShown = 20;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private static readonly ResourceType Namespaces = new("", "v1", "namespaces", "Namespace", IsNamespaced: false);

    private string Path => Call.IsDrill ? action.DrillPath ?? action.Path : action.Path;

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var results = await ApplyAllAsync(cluster, isDryRun: true, cancellationToken);
        var changes = results
            .Where(result => result.Outcome != ObjectOutcome.Unchanged)
            .Select(result => $"{result.Key} {WordOf(result)}")
            .Take(MostShown)
            .ToList();
        return StepReport.Done(
            $"{results.Count} objects, of which would change: {(changes.Count == 0 ? "none" : string.Join("; ", changes))}"
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        Refuse(await ApplyAllAsync(cluster, isDryRun: true, cancellationToken), isTouched: false);
        cluster.ForgetTypes();
        var results = await ApplyAllAsync(cluster, isDryRun: false, cancellationToken);
        Refuse(results, isTouched: true);
        int Count(ObjectOutcome outcome) => results.Count(result => result.Outcome == outcome);
        return StepReport.Done(
            $"{Count(ObjectOutcome.Created)} created, {Count(ObjectOutcome.Changed)} changed, {Count(ObjectOutcome.Unchanged)} unchanged"
        );
    }

    private static void Refuse(IReadOnlyList<RestoredObject> results, bool isTouched)
    {
        var refused = results
            .Where(result => result.Outcome is ObjectOutcome.Conflict or ObjectOutcome.Refused)
            .Select(result => $"{result.Key}: {result.Detail}")
            .ToList();
        if (refused.Count > 0)
            throw KubernetesActionProblems.NotApplied(refused, isTouched);
    }

    private async Task<IReadOnlyList<RestoredObject>> ApplyAllAsync(
        ActionCluster cluster,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var objects = await ReadAsync(cluster.Namespace, cancellationToken);
        ObjectApply apply = new(cluster.Api, new ApplyMode(action.Force, isDryRun));
        List<RestoredObject> results = [];
        var isNamespaceThere =
            await cluster.Api.FindAsync(Namespaces.PathOf(name: cluster.Namespace), cancellationToken) is not null;
        foreach (var (written, json) in objects)
        {
            var key = written;
            var type = (await cluster.GetTypesAsync(cancellationToken)).Find(key.Group, key.Version, key.Kind);
            var isToCome = objects.Any(each => each.Key.Name.EndsWith($".{key.Group}", StringComparison.Ordinal));
            while (type is null && isToCome && !isDryRun)
            {
                await Task.Delay(BetweenLooks, Tools.Time, cancellationToken); // its definition was applied a moment ago
                cluster.ForgetTypes();
                type = (await cluster.GetTypesAsync(cancellationToken)).Find(key.Group, key.Version, key.Kind);
            }
            if (type is { IsNamespaced: true } && key.Namespace is null)
            {
                key = key with { Namespace = cluster.Namespace };
                json["metadata"]?["namespace"] = cluster.Namespace;
            }
            results.Add(
                type is null && !isToCome
                    ? new RestoredObject(
                        key,
                        ObjectOutcome.Refused,
                        $"the cluster does not serve {key.Kind} of {key.ApiVersion}",
                        []
                    )
                : type is null || (isDryRun && key.Namespace is not null && !isNamespaceThere)
                    ? new RestoredObject(key, ObjectOutcome.Created, "not checked: what it lies in comes first", [])
                : await apply.RunAsync(key, type, json, cancellationToken)
            );
        }
        return results;
    }

    /// <summary>In the order in which they need each other.</summary>
    private async Task<IReadOnlyList<(ObjectKey Key, JsonObject Json)>> ReadAsync(
        string @namespace,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> files =
            File.Exists(Path) ? [Path]
            : Directory.Exists(Path)
                ?
                [
                    .. Directory
                        .EnumerateFiles(Path, "*", SearchOption.AllDirectories)
                        .Where(ManifestFile.IsManifest)
                        .Order(StringComparer.Ordinal),
                ]
            : [];
        List<(ObjectKey Key, JsonObject Json)> objects = [];
        foreach (var file in files)
        foreach (var json in ManifestFile.Read(await File.ReadAllTextAsync(file, cancellationToken), file))
            objects.Add((KeyOf(json, file, @namespace), json));
        if (objects.Count == 0)
            throw KubernetesActionProblems.NoManifests(Path);
        return
        [
            .. objects.OrderBy(each =>
                RestoreOrder.StageOf(each.Key, each.Json.Items("metadata", "ownerReferences").Any())
            ),
        ];
    }

    private static ObjectKey KeyOf(JsonObject json, string file, string @namespace)
    {
        var key = ManifestFile.KeyOf(json, file);
        return key.Namespace is null || key.Namespace == @namespace
            ? key
            : throw KubernetesActionProblems.ManifestElsewhere(file, key.ToString(), @namespace);
    }

    private static string WordOf(RestoredObject result) =>
        result.Detail
        ?? (
            result.Outcome == ObjectOutcome.Created
                ? "is new"
                : $"changes {string.Join(", ", result.Changes.Take(MostShown))}"
        );
}
