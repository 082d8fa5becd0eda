using System.IO.Pipelines;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Redis;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Redis.Capture;

/// <summary>What to capture of a Redis server, and how to reach it.</summary>
public sealed record RedisSource
{
    public required string Asset { get; init; }
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Append-only files for the restored server, too; null: when the captured one has them.</summary>
    public bool? AppendOnly { get; init; }

    public string? PlanHash { get; init; }
}

/// <summary>
/// Takes a snapshot by the replication protocol, which needs no file of the server's: its data as they are at one moment,
/// in the form of an RDB file, checked while they go by.
/// </summary>
public sealed class RedisCapture(RedisSource source, TimeProvider time, IWorkProgress progress)
{
    private const int ReadBytes = 256 << 10;

    /// <summary>What may wait between the network and the vault: all the memory that grows with nothing else.</summary>
    private static readonly PipeOptions PipeOptions = new(
        pauseWriterThreshold: 16 << 20,
        resumeWriterThreshold: 8 << 20,
        minimumSegmentSize: ReadBytes,
        useSynchronizationContext: false
    );

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        await using var session = await RedisConnection.OpenAsync(source.Connection, time, cancellationToken);
        var facts = await ServerFacts.ReadAsync(session, source.Asset, cancellationToken);
        var startedAt = time.GetUtcNow();
        progress.Stage($"waiting for {source.Asset} to send");
        var transfer = await session.BeginTransferAsync(cancellationToken);
        return await StoreAsync(snapshot, facts, transfer, startedAt, cancellationToken);
    }

    /// <summary>Stores what a server has begun to send.</summary>
    /// <param name="startedAt">Just before it was asked.</param>
    internal async Task<CaptureResult> StoreAsync(
        SnapshotWriter snapshot,
        ServerFacts facts,
        RdbTransfer transfer,
        DateTimeOffset startedAt,
        CancellationToken cancellationToken
    )
    {
        progress.Stage($"reading {source.Asset}");
        if (transfer.LengthBytes is { } length)
            progress.Expect(length);

        RdbScanner scanner = new(salt: unchecked((ulong)startedAt.UtcTicks));
        var ids = await StoreAsync(transfer, scanner, snapshot, cancellationToken);
        var rdb = scanner.Complete();

        var hasAppendOnly = source.AppendOnly ?? facts.HasAppendOnly;
        CapturedServer server = new(snapshot, facts, startedAt);
        var record = Record(facts, transfer, rdb) with { StartedAt = startedAt, HasAppendOnly = hasAppendOnly };
        await server.StoreAsync(record, ids, cancellationToken);
        progress.Stage("writing the snapshot");
        snapshot.Facts = new SnapshotFacts { PlanHash = source.PlanHash };
        var entry = await snapshot.CompleteAsync([$"/{source.Asset}"], cancellationToken);
        return new CaptureResult(entry, rdb.Bytes, snapshot.BytesNew, snapshot.BytesStored, Findings: [])
        {
            Notes = [.. Notes(facts, rdb)],
        };
    }

    /// <summary>One task receives and checks while another cuts, hashes, compresses and seals.</summary>
    private async Task<IReadOnlyList<BlobId>> StoreAsync(
        RdbTransfer transfer,
        RdbScanner scanner,
        SnapshotWriter snapshot,
        CancellationToken cancellationToken
    )
    {
        Pipe pipe = new(PipeOptions);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = Task.Run(() => ReceiveAsync(transfer, scanner, pipe.Writer, stop.Token), stop.Token);
        using var lane = snapshot.OpenLane();
        try
        {
            await using var bytes = pipe.Reader.AsStream();
            var (ids, _) = await lane.StoreStreamAsync(bytes, cancellationToken);
            lane.Flush();
            return ids;
        }
        finally
        {
            await stop.CancelAsync(); // when storing failed: at the good end receiving is over already
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What goes wrong here comes out of the other end of the pipe.</summary>
    private async Task ReceiveAsync(
        RdbTransfer transfer,
        RdbScanner scanner,
        PipeWriter writer,
        CancellationToken cancellationToken
    )
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var memory = writer.GetMemory(ReadBytes);
                var count = await transfer.ReadAsync(memory, cancellationToken);
                if (count == 0)
                    break;
                scanner.Append(memory.Span[..count]);
                writer.Advance(count);
                progress.Add(count);
                await writer.FlushAsync(cancellationToken);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            await writer.CompleteAsync(failure);
        }
    }

    private RedisRecord Record(ServerFacts facts, RdbTransfer transfer, RdbSummary rdb) =>
        new()
        {
            Asset = source.Asset,
            Program = facts.Program,
            ServerVersion = facts.Version,
            IsFromReplica = facts.IsReplica,
            ReplicationId = transfer.Point.Id,
            Offset = transfer.Point.Offset,
            StartedAt = default,
            StoppedAt = time.GetUtcNow(),
            RdbBytes = rdb.Bytes,
            RdbChecksum = rdb.Checksum,
            HasAppendOnly = false,
            Databases = rdb.Databases is { } all
                ? [.. all.Select(each => new DatabaseRecord(each.Number, each.Keys, each.Expiring))]
                : null,
            Functions = rdb.Functions,
            Samples = rdb.Samples,
            PlanHash = source.PlanHash,
        };

    private static IEnumerable<string> Notes(ServerFacts facts, RdbSummary rdb)
    {
        if (facts.IsClusterNode)
            yield return "the server is a node of a cluster: the snapshot holds its slots, and every other master needs an asset of its own";
        if (rdb.Checksum is null)
            yield return "the server writes no checksum ('rdbchecksum no'): what its memory or the network did to the data cannot be seen";
        if (rdb.Unknown is { } unknown)
            yield return $"keys are not counted, since the data hold {unknown}, which this version does not know; length and checksum were checked";
    }
}
