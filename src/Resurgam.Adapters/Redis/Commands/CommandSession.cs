using Resurgam.Adapters.Redis.Capture;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Assets;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>Stores a base: gives the capture a snapshot to write into, and records it as a backup.</summary>
/// <returns>The snapshot's id, when it is durable.</returns>
public delegate Task<BlobId> BaseTaker(
    Func<SnapshotWriter, CancellationToken, Task<CaptureResult>> capture,
    CancellationToken cancellationToken
);

/// <summary>What a stream of commands needs of its surroundings.</summary>
public sealed record CommandSurroundings
{
    /// <summary>Where the server is and how to get in, asked anew for each connection: passwords change. A user with <c>+psync +replconf +info</c>.</summary>
    public required Func<CancellationToken, Task<ConnectionSettings>> ReadConnection { get; init; }

    /// <summary>The archive with the generation of this moment.</summary>
    public required Func<CancellationToken, ValueTask<WalArchive>> OpenArchive { get; init; }

    public required BaseTaker TakeBase { get; init; }

    /// <summary>Told of commands that nobody has any more: from when to when no point in time can be restored.</summary>
    public required Func<StreamGap, Task> GapFound { get; init; }

    /// <summary>Something that a person should know, in a sentence.</summary>
    public required Action<string> Told { get; init; }
}

/// <summary>A time of which the vault has no commands: only its end, the new base, can be restored.</summary>
public sealed record StreamGap(
    string Asset,
    DateTimeOffset From,
    DateTimeOffset Until,
    long FromOffset,
    long? UntilOffset
);

/// <summary>One connection of a stream: from where we are to the end of the server's stream, with a new base where it must be.</summary>
internal sealed class CommandSession(
    RedisCapture capture,
    CommandJournal journal,
    WalSpool spool,
    StreamSettings settings,
    CommandSurroundings around,
    TimeProvider time
)
{
    private uint _newest;

    /// <summary>Asks the server to go on, and makes the journal ready for what it will send.</summary>
    /// <returns>What it has sent already.</returns>
    public async Task<ReadOnlyMemory<byte>> BeginAsync(
        RedisConnection session,
        Action copying,
        CancellationToken cancellationToken
    )
    {
        var facts = await ServerFacts.ReadAsync(session, settings.Asset, cancellationToken);
        var ours = journal.Point is { } point
            ? new Place(point, journal.Timeline, journal.LastAt)
            : await FindArchivedAsync(cancellationToken);
        var askedAt = time.GetUtcNow();
        switch (await session.BeginStreamAsync(ours?.Point, cancellationToken))
        {
            case StreamAnswer.Continues(var id) when ours is not null:
                await ContinueAsync(ours, id, askedAt, cancellationToken);
                return default;
            case StreamAnswer.Begins(var transfer):
                copying();
                await BeginAsync(facts, transfer, ours, askedAt, cancellationToken);
                return transfer.Rest;
            default:
                throw RedisProblems.Protocol(session.Server, "something else than was asked for to PSYNC");
        }
    }

    private async Task ContinueAsync(Place ours, string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (journal.Link is { } link && link.ReplicationId == id)
        {
            journal.Resume();
            return;
        }
        if (ours.Point.Id != id)
            around.Told(
                $"the server is a new master, and goes on where the old one was: offset {ours.Point.Offset}, replication id {id}"
            );
        var (timeline, position) = await NextTimelineAsync(cancellationToken);
        StreamLink next = new()
        {
            ReplicationId = id,
            Offset = ours.Point.Offset,
            Position = position,
            BeganAt = at,
            Continues = ours.Timeline,
        };
        journal.Begin(timeline, next);
    }

    /// <summary>All data are stored first; only then does the chain have a new link.</summary>
    private async Task BeginAsync(
        ServerFacts facts,
        RdbTransfer transfer,
        Place? ours,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken
    )
    {
        if (ours is not null)
            around.Told($"the server no longer has the commands behind offset {ours.Point.Offset}: taking a new base");
        var snapshot = await around.TakeBase(
            (writer, token) => capture.StoreAsync(writer, facts, transfer, askedAt, token),
            cancellationToken
        );
        var (timeline, position) = await NextTimelineAsync(cancellationToken);
        var isGap = ours is not null && ours.Point != transfer.Point;
        var beganAt = time.GetUtcNow(); // from here on times can be told apart
        journal.Begin(
            timeline,
            new StreamLink
            {
                ReplicationId = transfer.Point.Id,
                Offset = transfer.Point.Offset,
                Position = position,
                BeganAt = beganAt,
                Base = snapshot.Hex,
                GapFrom = isGap ? ours?.LastAt : null,
            }
        );
        around.Told($"base {snapshot.Short} stored; the stream begins at offset {transfer.Point.Offset}");
        if (isGap && ours is not null)
            await around.GapFound(
                new StreamGap(
                    settings.Asset,
                    ours.LastAt,
                    beganAt,
                    ours.Point.Offset,
                    ours.Point.Id == transfer.Point.Id ? transfer.Point.Offset : null
                )
            );
    }

    /// <summary>A timeline that nobody has begun, and the first segment behind all that there is.</summary>
    private async Task<(uint Timeline, ulong Position)> NextTimelineAsync(CancellationToken cancellationToken)
    {
        var archive = await around.OpenArchive(cancellationToken);
        var stored = await archive.ListTimelinesAsync(cancellationToken);
        var coverage = await archive.CoverageAsync(cancellationToken);
        var spooled = spool.Histories();
        _newest = Math.Max(_newest, stored is [.., var last] ? last : 0);
        _newest = Math.Max(_newest, spooled is [.., var kept] ? kept.Timeline : 0) + 1;
        var end = coverage.Timelines.Select(each => each.End.Value).Append(spool.Position?.Written.Value ?? 0).Max();
        const ulong segment = CommandFrame.SegmentBytes;
        return (_newest, (end + segment - 1) / segment * segment);
    }

    /// <summary>Where an earlier machine's stream ended in the store.</summary>
    private async Task<Place?> FindArchivedAsync(CancellationToken cancellationToken)
    {
        CommandArchive archive = new(await around.OpenArchive(cancellationToken));
        if (await archive.ListAsync(cancellationToken) is not [.., var newest])
            return null;
        var end = await archive.FindEndAsync(newest, cancellationToken);
        return new Place(new ReplicationPoint(newest.Link.ReplicationId, end.Offset), newest.Number, end.At);
    }

    private sealed record Place(ReplicationPoint Point, uint Timeline, DateTimeOffset LastAt);
}
