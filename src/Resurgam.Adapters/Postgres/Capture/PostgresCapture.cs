using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>What to capture of a PostgreSQL cluster, and how to reach it.</summary>
public sealed record PostgresSource
{
    public required string Asset { get; init; }
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Read on this machine; null: by the replication protocol.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Asked before and after the backup, so that a verification has something to compare with.</summary>
    public IReadOnlyList<SourceQuestion> Questions { get; init; } = [];

    public string? PlanHash { get; init; }

    /// <summary>The newest timeline of the asset's WAL in the vault; 0: none. A server on an older one is no source.</summary>
    public uint NewestTimeline { get; init; }

    /// <summary>At most so many bytes a second are asked of the server; replication protocol only.</summary>
    public ByteSize? MaxRate { get; init; }
}

/// <summary>Which server of a cluster may be backed up.</summary>
internal static class SourceTimeline
{
    /// <summary>A backup of the old primary after a failover leads to nothing: no recovery goes from there to the newest WAL.</summary>
    /// <param name="timeline">That the backup begins on.</param>
    public static void Check(PostgresSource source, uint timeline)
    {
        if (timeline < source.NewestTimeline)
            throw WalStreamProblems.TimelineBehind(source.Asset, source.NewestTimeline, timeline);
    }
}

/// <param name="Sql">One statement that reads; the first column of its first row is the answer.</param>
/// <param name="Database">Null: that of the connection.</param>
public sealed record SourceQuestion(string Name, string Sql, string? Database)
{
    /// <summary>The answer that a copy has to give; null: the one that was recorded.</summary>
    public string? Expect { get; init; }
}

/// <summary>Takes a base backup: one snapshot, whatever the way of reading.</summary>
public sealed class PostgresCapture(PostgresSource source, int workers, TimeProvider time, IWorkProgress progress)
{
    private const int OldestVersion = 140000;

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        var kind = source.DataDirectory is null ? SessionKind.PhysicalReplication : SessionKind.Sql;
        await using var session = await PostgresConnection.OpenAsync(source.Connection, kind, time, cancellationToken);
        if (session.ServerVersion < OldestVersion)
            throw CaptureProblems.TooOld(source.Asset, session.ServerVersion);
        var facts = source.DataDirectory is null
            ? await ClusterFacts.IdentifyAsync(session, cancellationToken)
            : await ClusterFacts.ReadAsync(session, cancellationToken);
        Questionnaire questions = new(source, time);
        var before = await questions.AskAsync(cancellationToken);

        progress.Stage($"reading {source.Asset}");
        var parent = await ParentBackup.ReadAsync(snapshot, facts, cancellationToken);
        var backup = source.DataDirectory is { } dataDirectory
            ? await new LocalCapture(source, dataDirectory, workers, progress).RunAsync(
                session,
                facts,
                snapshot,
                parent,
                cancellationToken
            )
            : await new StreamCapture(source, workers, time, progress).RunAsync(
                session,
                facts,
                snapshot,
                parent,
                cancellationToken
            );

        var after = await questions.AskAsync(cancellationToken);
        AnswerRecord[] answers =
        [
            .. before.Zip(after, (b, a) => b with { After = a.Before, Error = b.Error ?? a.Error }),
        ];
        var record = Record(facts, backup, answers);
        await backup.StoreAsync(snapshot, record, cancellationToken);
        progress.Stage("writing the snapshot");
        var entry = await snapshot.CompleteAsync([$"/{source.Asset}"], cancellationToken);
        return new CaptureResult(
            entry,
            backup.BytesRead,
            snapshot.BytesNew,
            snapshot.BytesStored,
            [
                .. backup.DamagedPages.Select(page => $"page checksum wrong: {page}"),
                .. backup.Findings,
                .. Questionnaire.FindingsOn(answers),
            ]
        )
        {
            Mode = backup.Mode,
            Wal = new WalRange(backup.Timeline, backup.Start, backup.Stop),
            Notes = backup.Notes,
        };
    }

    private PostgresRecord Record(ClusterFacts facts, CapturedCluster backup, IReadOnlyList<AnswerRecord> answers) =>
        new()
        {
            Asset = source.Asset,
            SystemIdentifier = facts.SystemIdentifier.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ServerVersion = facts.ServerVersion,
            Timeline = backup.Timeline,
            StartLsn = backup.Start.ToString(),
            StopLsn = backup.Stop.ToString(),
            StartedAt = backup.StartedAt,
            StoppedAt = backup.StoppedAt,
            WalSegmentBytes = facts.WalSegmentBytes,
            HasDataChecksums = facts.HasDataChecksums,
            IsFromStandby = facts.IsStandby,
            ChunkBytes = backup.ChunkBytes,
            Shards = backup.Layout.Shards,
            DamagedPages = backup.DamagedPages,
            Tablespaces = backup.Tablespaces,
            Answers = answers,
            Configuration = backup.Configuration,
            PlanHash = source.PlanHash,
        };
}
