using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Redis.Commands;
using Resurgam.Adapters.Redis.Restore;
using Resurgam.Adapters.Wal;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Wal;

namespace Resurgam.RecoverySets;

/// <summary>Marks the moment of a set in the streams of its assets, and waits until the store has them up to there.</summary>
internal sealed class SetStreams(Session session, Plan plan, Vault vault, string set)
{
    /// <summary>A stream ships every second or so; one that takes longer is in trouble, and the set does without it.</summary>
    private static readonly TimeSpan ShipLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>A stream on another machine is seen by what it stores.</summary>
    private static readonly TimeSpan RecentlyStored = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, WalMark> _wal = [];
    private readonly Dictionary<string, CommandMark> _commands = [];

    /// <summary>Something brings its changes into the vault now.</summary>
    public async Task<bool> RunsAsync(Asset asset, CancellationToken cancellationToken)
    {
        if (asset is not (Asset.Postgres or Asset.Redis))
            return false;
        var folder = Path.Combine(session.StateDirectoryOf(plan), "wal", asset.Id.Value);
        var now = session.Time.GetUtcNow();
        if (WalStreamStatus.Find(folder)?.IsStreamingAt(now) == true)
            return true;
        var archive = await WalAccess.OpenArchiveAsync(vault, asset.Id.Value, cancellationToken);
        var objects = await archive.ListObjectsAsync(cancellationToken);
        return objects.Any(each => each.StoredAt > now - RecentlyStored);
    }

    /// <summary>The moment, in every stream: as close together as the servers answer.</summary>
    public async Task MarkAsync(IEnumerable<Asset> streamed, CancellationToken cancellationToken)
    {
        List<Task> marking = [];
        foreach (var asset in streamed)
            if (asset is Asset.Postgres postgres)
                marking.Add(MarkAsync(postgres, cancellationToken));
            else if (asset is Asset.Redis redis)
                marking.Add(MarkAsync(redis, cancellationToken));
        await Task.WhenAll(marking);
    }

    /// <returns>The member at its mark; null when the store does not reach to it.</returns>
    public async Task<SetMember?> ReachAsync(SetMember member, CancellationToken cancellationToken)
    {
        session.Progress.Stage($"waiting for the stream of {member.Asset}");
        var began = session.Time.GetTimestamp();
        while (true)
        {
            if (await FindAsync(member, cancellationToken) is { } reached)
                return reached;
            if (session.Time.GetElapsedTime(began) > ShipLimit)
                return null;
            await Task.Delay(Poll, session.Time, cancellationToken);
        }
    }

    private async Task MarkAsync(Asset.Postgres asset, CancellationToken cancellationToken)
    {
        var connection = WalAccess.ConnectionOf(session, asset);
        var mark = await WalMark.WriteAsync(connection, $"recovery set {set}", session.Time, cancellationToken);
        lock (_wal)
            _wal[asset.Id.Value] = mark;
    }

    private async Task MarkAsync(Asset.Redis asset, CancellationToken cancellationToken)
    {
        var source = await RedisAccess.SourceOfAsync(session, plan, asset, cancellationToken);
        var mark = await CommandMark.ReadAsync(source.Connection, session.Time, cancellationToken);
        lock (_commands)
            _commands[asset.Id.Value] = mark;
    }

    private async Task<SetMember?> FindAsync(SetMember member, CancellationToken cancellationToken)
    {
        var archive = await WalAccess.OpenArchiveAsync(vault, member.Asset, cancellationToken);
        if (_wal.GetValueOrDefault(member.Asset) is { } wal && member is { Lsn: { } stop, Timeline: { } timeline })
        {
            var coverage = await archive.CoverageAsync(cancellationToken);
            return coverage.EndOf(timeline, Lsn.Parse(stop)) >= wal.Behind
                ? member with
                {
                    At = wal.At,
                    Lsn = wal.Lsn.ToString(),
                    IsStreamed = true,
                }
                : null;
        }
        if (_commands.GetValueOrDefault(member.Asset) is not { } mark)
            return null;
        var snapshot = await vault.GetSnapshotAsync(member.Snapshot, member.Asset, cancellationToken);
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        var record = await RedisRestore.ReadRecordAsync(
            new SnapshotReader(snapshot.Repository, blobs),
            snapshot,
            cancellationToken
        );
        CommandArchive commands = new(archive);
        var recovery = await CommandRecovery.FindAsync(commands, record, until: null, cancellationToken);
        return recovery?.ReachesToOffset >= mark.Offset
            ? member with
            {
                At = mark.At,
                Offset = mark.Offset,
                ReplicationId = mark.ReplicationId,
                IsStreamed = true,
            }
            : null;
    }
}
