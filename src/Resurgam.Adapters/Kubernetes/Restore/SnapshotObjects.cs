using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <param name="Node">Its file.</param>
/// <param name="Stage">As <see cref="RestoreOrder"/> has it.</param>
internal sealed record SnapshotObject(ObjectKey Key, TreeNode Node, int Stage);

/// <summary>The objects of a snapshot. Only their names are kept in memory.</summary>
internal sealed class SnapshotObjects(SnapshotReader reader, SnapshotEntry snapshot)
{
    /// <summary>In the order in which they can come back.</summary>
    public async Task<IReadOnlyList<SnapshotObject>> ListAsync(
        IReadOnlyList<ObjectSelector> only,
        CancellationToken cancellationToken
    )
    {
        List<SnapshotObject> found = [];
        await foreach (var (path, node) in reader.WalkAsync(snapshot, ObjectKey.Folder, cancellationToken))
        {
            if (node.Type != NodeType.File || ObjectKey.FromPath(path) is not { } key)
                continue;
            if (only.Count > 0 && !only.Any(selector => selector.Fits(key)))
                continue;
            SnapshotObject each = new(key, node, Stage: 0);
            var json = await ReadAsync(each, cancellationToken);
            var isOwned = json.Items("metadata", "ownerReferences").Any();
            found.Add(each with { Stage = RestoreOrder.StageOf(key, isOwned) });
        }
        return [.. found.OrderBy(each => each.Stage).ThenBy(each => each.Key.Path, StringComparer.Ordinal)];
    }

    public async Task<JsonObject> ReadAsync(SnapshotObject each, CancellationToken cancellationToken)
    {
        using MemoryStream content = new();
        await reader.CopyToAsync(each.Node, content, cancellationToken);
        try
        {
            if (JsonNode.Parse(content.GetBuffer().AsSpan(0, (int)content.Length)) is JsonObject json)
                return json;
        }
        catch (JsonException)
        {
            // said below
        }
        throw RestoreProblems.NoObject(each.Key, snapshot.Id.Short);
    }
}
