using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>
/// Reads a cluster by the replication protocol, which needs nothing but the REPLICATION right. From PostgreSQL 17 on the
/// server sends what has changed since the parent, where it can; the snapshot is a full one all the same
/// (docs/adr/0006-increments-become-full.md).
/// </summary>
internal sealed class StreamCapture(PostgresSource source, int workers, TimeProvider time, IWorkProgress progress)
{
    private const int ChunksPerBuffer = 32;

    public async Task<CapturedCluster> RunAsync(
        PostgresConnection session,
        ClusterFacts facts,
        SnapshotWriter snapshot,
        ParentBackup parent,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await CaptureAsync(session, facts, snapshot, parent, cancellationToken);
        }
        catch (ResurgamException e) when (FindRemovedSegment(e, facts.WalSegmentBytes) is { } segment)
        {
            throw CaptureProblems.WalRemoved(source.Asset, segment);
        }
    }

    private async Task<CapturedCluster> CaptureAsync(
        PostgresConnection session,
        ClusterFacts facts,
        SnapshotWriter snapshot,
        ParentBackup parent,
        CancellationToken cancellationToken
    )
    {
        var folderMode = Convert.ToUInt32(await session.ShowAsync("data_directory_mode", cancellationToken), 8);
        await using var keeper = await WalKeeper.FindAsync(source.Connection, time, cancellationToken);
        var (backup, mode, note) = await new BackupStart(source, session, parent).RunAsync(cancellationToken);
        SourceTimeline.Check(source, backup.StartTimeline);
        var size = backup.Tablespaces.Sum(tablespace => (tablespace.SizeKb ?? 0) * 1024);
        progress.Expect(size);
        var layout = SnapshotLayout.For(size, RelationChunks.DefaultBytes, parent.Record?.Shards);
        CapturedCluster cluster = new(snapshot, layout, RelationChunks.BytesFor(size, parent.Record?.ChunkBytes))
        {
            Mode = mode,
            Start = backup.StartLsn,
            StartedAt = time.GetUtcNow(),
            Timeline = backup.StartTimeline,
        };
        if (note is not null)
            cluster.AddNote(note);
        ReceiverFacts receiverFacts = new(
            source.Asset,
            facts.WalSegmentBytes,
            folderMode,
            facts.HasDataChecksums ? backup.StartLsn : null
        );
        StoreQueue queue = new(snapshot, workers, cluster.ChunkBytes, ChunksPerBuffer * cluster.ChunkBytes);
        BackupReceiver receiver = new(receiverFacts, cluster, parent, snapshot, queue, progress);
        await queue.RunAsync(token => receiver.ReadAsync(backup, token), cancellationToken);

        if (backup.EndLsn < backup.StartLsn)
            throw CaptureProblems.EndedEarly(source.Asset, backup.StartLsn, backup.EndLsn);
        cluster.Stop = backup.EndLsn;
        SetTimes(cluster, receiver.EndedAt);
        AddTablespaces(cluster, backup.Tablespaces);
        AddDamageOfServer(cluster, backup, receiver);
        foreach (var file in backup.Warnings.Select(BackupRules.FindConfigurationInWarning).OfType<string>().Distinct())
            cluster.AddFinding(
                $"{file} is no file but a link in the data directory, which the server leaves out of what it sends: keep what it leads to in another way, or capture with 'data-directory' on the server's machine"
            );
        return cluster;
    }

    /// <summary>By the server's clock, which it tells only in whole seconds: the end is rounded up, never to be too early.</summary>
    private void SetTimes(CapturedCluster cluster, UnixTime? endedAt)
    {
        cluster.StoppedAt = endedAt is { } at ? at.ToDateTimeOffset().AddSeconds(1) : time.GetUtcNow();
        if (cluster.StartedAt > cluster.StoppedAt)
            cluster.StartedAt = cluster.StoppedAt; // our clock is ahead of the server's
    }

    /// <summary>Links as a local capture finds them; a tablespace inside of the data directory has a folder there instead.</summary>
    private static void AddTablespaces(CapturedCluster cluster, IReadOnlyList<TablespaceEntry> tablespaces)
    {
        List<TablespaceRecord> records = [];
        foreach (var tablespace in tablespaces)
        {
            if (tablespace is not { Oid: { } oid, Location: { } location } || !location.StartsWith('/'))
                continue;
            var name = oid.ToString(CultureInfo.InvariantCulture);
            cluster.AddLink(SnapshotLayout.TablespaceLinks + name, location);
            records.Add(new TablespaceRecord(oid, location));
        }
        cluster.Tablespaces = [.. records.OrderBy(record => record.Oid)];
    }

    /// <summary>Whatever the server found wrong stands in the snapshot's record, or there is no snapshot.</summary>
    private static void AddDamageOfServer(CapturedCluster cluster, BaseBackupStream backup, BackupReceiver receiver)
    {
        if (receiver.DamageFound is not { } failure || cluster.DamagedPages.Count > 0)
            return;
        var pages = backup.Warnings.Select(DamagedPage.FindInWarning).OfType<DamagedPage>().Distinct();
        foreach (var page in pages.Where(page => receiver.Has(page.Path)))
            cluster.AddDamagedPage(page);
        if (cluster.DamagedPages.Count == 0)
            throw failure;
    }

    /// <summary>The server's messages are in its language, the names of segments are not.</summary>
    private static string? FindRemovedSegment(ResurgamException failure, int segmentBytes)
    {
        if (failure.InnerException is not PostgresErrorException { ServerMessage: var message })
            return null;
        foreach (var word in message.Split([' ', '"', '/', '.', ',', '«', '»', '„', '“', '\'']))
            if (WalSegment.TryParse(word, segmentBytes, out var segment))
                return segment.FileName;
        return null;
    }
}
