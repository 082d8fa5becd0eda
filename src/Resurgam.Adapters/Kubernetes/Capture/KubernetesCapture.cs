using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Kubernetes.Capture;

/// <summary>What to capture of a cluster, and how to reach it.</summary>
public sealed record KubernetesSource
{
    public required string Asset { get; init; }
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Uid that the cluster must have; null: any.</summary>
    public string? ClusterUid { get; init; }

    /// <summary>Names, or patterns with <c>*</c>. Empty: all but Kubernetes' own.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Label selector of the objects in namespaces; null: all.</summary>
    public string? Selector { get; init; }

    /// <summary>All objects of the whole cluster, not only those that the namespaces need.</summary>
    public bool IsClusterWide { get; init; }

    public string? PlanHash { get; init; }
}

/// <summary>
/// Takes a snapshot of the objects of a cluster, found by discovery, as they are at one moment of the cluster's store.
/// Nothing is written to the cluster.
/// </summary>
public sealed class KubernetesCapture
{
    private readonly KubernetesSource _source;
    private readonly TimeProvider _time;
    private readonly IWorkProgress _progress;
    private readonly Func<CancellationToken, Task<ApiConnection>> _open;
    private readonly List<string> _findings = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _sealingKeys = [];

    public KubernetesCapture(KubernetesSource source, TimeProvider time, IWorkProgress progress)
        : this(source, time, progress, token => ApiConnection.OpenAsync(source.Connection, time, token)) { }

    internal KubernetesCapture(
        KubernetesSource source,
        TimeProvider time,
        IWorkProgress progress,
        Func<CancellationToken, Task<ApiConnection>> open
    ) => (_source, _time, _progress, _open) = (source, time, progress, open);

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        using var api = await _open(cancellationToken);
        var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
        if (_source.ClusterUid is { } expected && expected != facts.Uid)
            throw KubernetesProblems.OtherCluster(api.Server, facts.Uid, expected);
        _progress.Stage($"asking {_source.Asset} what it has");
        var types = await new ApiDiscovery(api).RunAsync(cancellationToken);
        _findings.AddRange(types.Unavailable);
        var startedAt = _time.GetUtcNow();
        ChosenNamespaces chosen = new(api, _source.Namespaces);
        await chosen.ReadAsync(_findings, cancellationToken);

        using var lane = snapshot.OpenLane();
        CapturedCluster cluster = new(snapshot, lane, _progress);
        CaptureWalk walk = new(api, cluster, _source, chosen);
        _progress.Stage($"reading {_source.Asset}");
        await walk.ReadAsync(types.Preferred, cancellationToken);
        _findings.AddRange(walk.Findings);
        await KeepSealingKeysAsync(walk, types, cancellationToken);

        var record = Record(facts, chosen, cluster) with { StartedAt = startedAt };
        await cluster.CompleteAsync(record, cancellationToken);
        lane.Flush();
        AddNotes(record);
        _progress.Stage("writing the snapshot");
        snapshot.Facts = new SnapshotFacts { PlanHash = _source.PlanHash };
        var entry = await snapshot.CompleteAsync([$"/{_source.Asset}"], cancellationToken);
        return new CaptureResult(entry, cluster.Bytes, snapshot.BytesNew, snapshot.BytesStored, _findings)
        {
            Notes = _notes,
        };
    }

    /// <summary>The controller's private keys lie in its own namespace, which is rarely among the chosen ones.</summary>
    private async Task KeepSealingKeysAsync(CaptureWalk walk, ServedTypes types, CancellationToken cancellationToken)
    {
        if (types.Find("", "v1", "Secret") is { } secrets && walk.References.SealedSecrets > 0)
            await walk.ReadSealingKeysAsync(secrets, cancellationToken);
        _sealingKeys.AddRange(walk.SealingKeys.Order(StringComparer.Ordinal));
        if (walk.References.SealedSecrets > 0 && _sealingKeys.Count == 0)
            _findings.Add(
                $"{walk.References.SealedSecrets} SealedSecrets and no key of their controller to be seen: without it nobody can open them in another cluster"
            );
    }

    private KubernetesRecord Record(ClusterFacts facts, ChosenNamespaces chosen, CapturedCluster cluster) =>
        new()
        {
            Asset = _source.Asset,
            ClusterUid = facts.Uid,
            ServerVersion = facts.Version,
            ResourceVersion = cluster.Moment ?? "",
            StartedAt = default,
            StoppedAt = _time.GetUtcNow(),
            Namespaces = [.. chosen.Names.Order(StringComparer.Ordinal)],
            Selector = _source.Selector,
            IsClusterWide = _source.IsClusterWide,
            Types = cluster.Types,
            LeftOut = cluster.LeftOut,
            Findings = _findings,
            SealingKeys = _sealingKeys,
            PlanHash = _source.PlanHash,
        };

    private void AddNotes(KubernetesRecord record)
    {
        _notes.Add(
            $"{record.Objects} objects of {record.Namespaces.Count} namespaces at moment {record.ResourceVersion}"
        );
        if (record.LeftOut.Count > 0)
            _notes.Add(
                $"{record.LeftOut.Sum(each => each.Objects)} objects were left out, which a cluster makes by itself; 'resurgam cat SNAPSHOT {KubernetesRecord.Path}' tells which and why"
            );
        if (_sealingKeys.Count > 0)
            _notes.Add(
                $"{_sealingKeys.Count} private keys of the sealed-secrets controller are in the snapshot: {string.Join(", ", _sealingKeys)}"
            );
        if (
            record.Types.Where(type => type.ResourceVersion is not null).Select(type => type.Plural).ToList() is
            { Count: > 0 } others
        )
            _notes.Add($"of another moment than the rest, since the cluster has no other: {string.Join(", ", others)}");
    }
}
