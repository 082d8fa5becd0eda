using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>Where and how the objects of a snapshot come back.</summary>
public sealed record KubernetesRestoreRequest
{
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Uid that the cluster must have. Null: nothing is written.</summary>
    public required string? ClusterUid { get; init; }

    /// <summary>New name of a namespace by its old one.</summary>
    public IReadOnlyDictionary<string, string> Namespaces { get; init; } = new Dictionary<string, string>();

    /// <summary>Empty: all.</summary>
    public IReadOnlyList<ObjectSelector> Only { get; init; } = [];

    /// <summary>Takes fields that other managers own.</summary>
    public bool ForceConflicts { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>Secrets of snapshots before it hold credentials that were revoked: they come back only when <see cref="Only"/> asks for them.</summary>
    public DateTimeOffset? RevokedBefore { get; init; }
}

/// <param name="BytesTotal">Of the objects that were chosen.</param>
/// <param name="BytesWritten">Of those that were created or changed, or would be.</param>
public sealed record KubernetesRestoreResult(
    KubernetesRecord Record,
    IReadOnlyList<RestoredObject> Objects,
    long BytesTotal,
    long BytesWritten,
    IReadOnlyList<string> Notes
);

/// <summary>
/// Brings objects back in the order in which they need each other. What was cut off goes on when it is run again: an
/// object that is there as it shall be is left as it is. Nothing is deleted.
/// </summary>
public sealed class KubernetesRestore
{
    private readonly Vault _vault;
    private readonly KubernetesRestoreRequest _request;
    private readonly IWorkProgress _progress;
    private readonly Func<CancellationToken, Task<ApiConnection>> _open;
    private readonly List<string> _notes = [];
    private readonly List<RestoredObject> _objects = [];
    private readonly NamespaceMap _map;
    private long _bytesWritten;

    public KubernetesRestore(Vault vault, KubernetesRestoreRequest request, IWorkProgress progress)
        : this(vault, request, progress, token => ApiConnection.OpenAsync(request.Connection, vault.Host.Time, token))
    { }

    internal KubernetesRestore(
        Vault vault,
        KubernetesRestoreRequest request,
        IWorkProgress progress,
        Func<CancellationToken, Task<ApiConnection>> open
    )
    {
        (_vault, _request, _progress, _open) = (vault, request, progress, open);
        _map = new NamespaceMap(request.Namespaces);
    }

    public async Task<KubernetesRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, _vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var record = await ReadRecordAsync(reader, snapshot, cancellationToken);
        using var api = await _open(cancellationToken);
        await AssertClusterAsync(api, cancellationToken);

        SnapshotObjects source = new(reader, snapshot);
        _progress.Stage("reading the snapshot");
        var objects = await source.ListAsync(_request.Only, cancellationToken);
        if (objects.Count == 0 && _request.Only.Count > 0)
            throw RestoreProblems.NothingChosen(snapshot.Id.Short);
        _progress.Stage(_request.IsDryRun ? "asking the cluster" : "bringing the objects back");
        var bytes = objects.Sum(each => each.Node.SizeBytes);
        _progress.Expect(bytes);
        await ApplyAllAsync(api, source, record, objects, cancellationToken);
        TellOfNext(record);
        return new KubernetesRestoreResult(record, _objects, bytes, _bytesWritten, _notes);
    }

    public static async Task<KubernetesRecord> ReadRecordAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var json = await reader.FindFileAsync(snapshot, KubernetesRecord.Path, cancellationToken);
        return json is null
            ? throw KubernetesRecord.Missing(snapshot.Id.Short)
            : KubernetesRecord.Read(json, snapshot.Id.Short);
    }

    /// <summary>A context is a name in a file; only its uid says which cluster it is.</summary>
    private async Task AssertClusterAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
        if (_request.ClusterUid is { } expected && expected != facts.Uid)
            throw KubernetesProblems.OtherCluster(api.Server, facts.Uid, expected);
        if (_request.ClusterUid is null && !_request.IsDryRun)
            throw RestoreProblems.Unconfirmed(api.Server, facts.Uid);
        _notes.Add($"cluster {api.Server}, uid {facts.Uid}, {facts.Version}");
    }

    private async Task ApplyAllAsync(
        ApiConnection api,
        SnapshotObjects source,
        KubernetesRecord record,
        IReadOnlyList<SnapshotObject> objects,
        CancellationToken cancellationToken
    )
    {
        ObjectPlace place = new(api, objects, _map, _request.IsDryRun, _notes);
        await place.DiscoverAsync(cancellationToken);
        ApplyMode mode = new(_request.ForceConflicts, _request.IsDryRun);
        ObjectApply apply = new(api, mode);
        OtherVersions versions = new(api, place, mode);
        var areDefinitionsDone = false;
        foreach (var each in objects)
        {
            if (!areDefinitionsDone && each.Stage > RestoreOrder.Definitions)
            {
                areDefinitionsDone = true;
                await new Definitions(api, place).AwaitAsync(_objects, cancellationToken);
            }
            var result = ReasonToHoldBack(record, each) is { } reason
                ? new RestoredObject(_map.Map(each.Key), ObjectOutcome.HeldBack, reason, [])
                : await ApplyAsync(
                    place,
                    versions,
                    apply,
                    each,
                    await source.ReadAsync(each, cancellationToken),
                    cancellationToken
                );
            _objects.Add(result);
            if (result.Outcome is ObjectOutcome.Created or ObjectOutcome.Changed)
                _bytesWritten += each.Node.SizeBytes;
            _progress.Add(each.Node.SizeBytes);
        }
        _notes.AddRange(versions.Tell());
        if (apply.Unasked > 0)
            _notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{apply.Unasked} objects wait for a webhook that does not answer: bring up what serves it, or delete its configuration, and run this again"
                )
            );
    }

    private async Task<RestoredObject> ApplyAsync(
        ObjectPlace place,
        OtherVersions versions,
        ObjectApply apply,
        SnapshotObject each,
        JsonObject json,
        CancellationToken cancellationToken
    )
    {
        var key = _map.Map(each.Key);
        var left = _map.Apply(json);
        var (type, whyNot) = (place.Find(key), "");
        if (type is null && place.WhyNotYet(key) is null)
            (type, whyNot) = await versions.FindAsync(key, json, cancellationToken);
        if (type is not null && await place.Shared.JoinAsync(key, type, json, cancellationToken) is { } use)
            return new RestoredObject(key, ObjectOutcome.HeldBack, use, []);
        foreach (var path in left)
            _notes.Add($"{each.Key}: {path} speaks of the old namespace and was left as it is");
        if (place.WhyNotYet(key) is { } why)
            return new RestoredObject(key, ObjectOutcome.Created, why, []);
        if (type is null)
            return new RestoredObject(key, ObjectOutcome.Refused, whyNot, []);
        await place.NameOwnersAsync(key, json, cancellationToken);
        var result = await apply.RunAsync(key with { Version = type.Version }, type, json, cancellationToken);
        if (result.IsGood)
            versions.Count(key, type);
        return result;
    }

    private string? ReasonToHoldBack(KubernetesRecord record, SnapshotObject each)
    {
        if (each.Key is not { Group: "", Kind: "Secret" } || _request.Only.Count > 0)
            return null;
        if (_request.RevokedBefore is not { } revoked || record.StartedAt >= revoked)
            return null;
        return record.SealingKeys.Contains($"{each.Key.Namespace}/{each.Key.Name}")
            ? null // old keys open old sealed secrets, and are no credentials
            : $"captured before {revoked:u}, and the plan says that credentials of that time are revoked; '--only Secret' brings them back all the same";
    }

    private void TellOfNext(KubernetesRecord record)
    {
        if (record.SealingKeys.Count > 0 && _objects.Any(each => each.Key.Kind == "Secret"))
            _notes.Add(
                "the sealed-secrets controller reads its private keys when it starts: restart it, if it runs already"
            );
        if (_request.IsDryRun)
            _notes.Add("a dry run by the server itself: nothing was changed");
    }
}
