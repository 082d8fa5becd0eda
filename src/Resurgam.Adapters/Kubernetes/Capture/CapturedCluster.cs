using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Kubernetes.Capture;

/// <summary>The files of a snapshot: one for each object, below <c>kubernetes/</c>.</summary>
internal sealed class CapturedCluster(SnapshotWriter snapshot, ContentLane lane, IWorkProgress progress)
{
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceType, int> _objects = [];
    private readonly Dictionary<ResourceType, string?> _moments = [];
    private readonly SortedDictionary<(string Type, string Reason), int> _leftOut = [];

    /// <summary>The moment that all lists are asked for: that of the first one.</summary>
    public string? Moment { get; private set; }

    public long Bytes { get; private set; }

    public IReadOnlyList<TypeRecord> Types =>
        [
            .. _objects
                .OrderBy(pair => pair.Key.FullName, StringComparer.Ordinal)
                .Select(pair => new TypeRecord(
                    pair.Key.Group,
                    pair.Key.Version,
                    pair.Key.Plural,
                    pair.Key.Kind,
                    pair.Key.IsNamespaced,
                    pair.Value,
                    _moments.GetValueOrDefault(pair.Key) is { } moment && moment != Moment ? moment : null
                )),
        ];

    public IReadOnlyList<LeftOutRecord> LeftOut =>
        [.. _leftOut.Select(pair => new LeftOutRecord(pair.Key.Type, pair.Key.Reason, pair.Value))];

    /// <summary>Changes <paramref name="json"/> to what is stored.</summary>
    public async Task AddAsync(ResourceType type, JsonObject json, CancellationToken cancellationToken)
    {
        ObjectKey key = new(
            type.Group,
            type.Version,
            type.Kind,
            type.IsNamespaced ? json.FindText("metadata", "namespace") : null,
            json.FindText("metadata", "name") ?? ""
        );
        var madeAt = TimeOf(json);
        var content = CanonicalJson.Write(ServerFields.Strip(json));
        await AddFileAsync(key.Path, content, madeAt, cancellationToken);
        _objects[type] = _objects.GetValueOrDefault(type) + 1;
    }

    public void LeaveOut(ResourceType type, string reason) =>
        _leftOut[(type.FullName, reason)] = _leftOut.GetValueOrDefault((type.FullName, reason)) + 1;

    /// <summary>A list is at its end.</summary>
    /// <param name="resourceVersion">The moment that it showed.</param>
    public void End(ResourceType type, string? resourceVersion)
    {
        Moment ??= resourceVersion;
        if (_moments.GetValueOrDefault(type) is null || resourceVersion != Moment)
            _moments[type] = resourceVersion;
    }

    public async Task CompleteAsync(KubernetesRecord record, CancellationToken cancellationToken)
    {
        if (_folders.Count == 0)
            AddFolder(ObjectKey.Folder);
        await AddFileAsync(KubernetesRecord.Path, record.Write(), record.StartedAt, cancellationToken);
    }

    private async Task AddFileAsync(
        string path,
        byte[] content,
        DateTimeOffset madeAt,
        CancellationToken cancellationToken
    )
    {
        for (var end = path.IndexOf('/'); end > 0; end = path.IndexOf('/', end + 1))
            AddFolder(path[..end]);
        var ids = await lane.StoreBytesAsync(content, cancellationToken);
        var node = NodeOf(path, NodeType.File, 0x180, madeAt) with { SizeBytes = content.Length, Links = 1 }; // 0600
        snapshot.Files.Add(path, node, [.. ids]);
        Bytes += content.Length;
        progress.Add(content.Length);
    }

    private void AddFolder(string path)
    {
        if (_folders.Add(path))
            snapshot.Files.Add(path, NodeOf(path, NodeType.Directory, 0x1C0, DateTimeOffset.UnixEpoch), []); // 0700
    }

    /// <summary>The same from snapshot to snapshot: equal folders are stored once.</summary>
    private static TreeNode NodeOf(string path, NodeType type, uint mode, DateTimeOffset time) =>
        new()
        {
            Name = path[(path.LastIndexOf('/') + 1)..],
            Type = type,
            Mode = mode,
            ModifiedAt = UnixTime.From(time),
            AccessedAt = UnixTime.From(time),
            ChangedAt = UnixTime.From(time),
        };

    private static DateTimeOffset TimeOf(JsonObject json) =>
        DateTimeOffset.TryParse(
            json.FindText("metadata", "creationTimestamp"),
            CultureInfo.InvariantCulture,
            out var time
        )
            ? time
            : DateTimeOffset.UnixEpoch;
}
