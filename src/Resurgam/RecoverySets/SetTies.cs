using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.LogicalPostgres.Restore;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Redis.Restore;
using Resurgam.Core.Git;
using Resurgam.Core.Plans;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.RecoverySets;

/// <summary>What a snapshot's own record says of the moment that it is of.</summary>
internal static class SetTies
{
    public static async Task<SetMember> ReadAsync(
        Vault vault,
        string asset,
        BlobId id,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await vault.GetSnapshotAsync(id.Hex, asset, cancellationToken);
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        SetMember member = new()
        {
            Asset = asset,
            Kind = snapshot.Kind ?? "",
            Snapshot = id.Hex,
            At = snapshot.TakenAt,
        };
        switch (snapshot.Kind)
        {
            case Asset.Postgres.KindName:
                var cluster = await PostgresRestore.ReadRecordAsync(reader, snapshot, cancellationToken);
                return member with
                {
                    At = cluster.StoppedAt,
                    Lsn = cluster.StopLsn,
                    Timeline = cluster.Timeline,
                    SystemIdentifier = cluster.SystemIdentifier,
                };
            case Asset.Redis.KindName:
                var server = await RedisRestore.ReadRecordAsync(reader, snapshot, cancellationToken);
                return member with
                {
                    At = server.StartedAt,
                    Offset = server.Offset,
                    ReplicationId = server.ReplicationId,
                };
            case Asset.Kubernetes.KindName:
                var objects = await KubernetesRestore.ReadRecordAsync(reader, snapshot, cancellationToken);
                return member with
                {
                    At = objects.StartedAt,
                    ResourceVersion = objects.ResourceVersion,
                    ClusterUid = objects.ClusterUid,
                };
            case Asset.LogicalPostgres.SnapshotKindName:
                var databases = await LogicalRestore.ReadRecordAsync(reader, snapshot, cancellationToken);
                return member with
                {
                    At = databases.Databases.Min(database => database.At),
                    Databases =
                    [
                        .. databases.Databases.Select(each => new DatabaseTie(
                            each.Name,
                            each.Moment,
                            each.Lsn,
                            each.At
                        )),
                    ],
                };
            case Asset.Git.KindName:
                return await AddRepositoriesAsync(member, reader, snapshot, cancellationToken);
            default:
                return member;
        }
    }

    private static async Task<SetMember> AddRepositoriesAsync(
        SetMember member,
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var json = await reader.FindFileAsync(snapshot, GitRecord.Path, cancellationToken);
        var record = json is null
            ? throw GitRecord.Missing(snapshot.Id.Short)
            : GitRecord.Read(json, snapshot.Id.Short);
        List<RepositoryTie> ties = [];
        foreach (var repository in record.Repositories)
        {
            const string branch = "ref: ";
            var packed = await reader.FindFileAsync(snapshot, $"{repository.Folder}/packed-refs", cancellationToken);
            var refs = packed is null ? null : GitRefs.TryReadPacked(packed);
            var commit = repository.Head.StartsWith(branch, StringComparison.Ordinal)
                ? refs?.Find(repository.Head[branch.Length..])
                : repository.Head;
            ties.Add(new RepositoryTie(repository.Name, commit, repository.RefsDigest, repository.SeenAt));
        }
        return member with { At = record.StartedAt, Repositories = ties };
    }
}
