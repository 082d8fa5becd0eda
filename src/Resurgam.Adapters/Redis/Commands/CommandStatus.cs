using System.Globalization;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>How safe a server's commands are at this moment, seen from the server, the spool and the store.</summary>
public sealed record CommandStatus
{
    public required DateTimeOffset At { get; init; }

    /// <summary>What the stream says of itself; null when none ever ran here.</summary>
    public WalStreamStatus? Stream { get; init; }

    public bool IsStreaming => Stream?.IsStreamingAt(At) ?? false;

    /// <summary>Where the server's stream ends; null when it could not be asked.</summary>
    public long? ServerOffset { get; init; }

    /// <summary>The history that it counts in: another one than the stream's when it was restarted or failed over a moment ago.</summary>
    public string? ServerHistory { get; init; }

    public Problem? ServerProblem { get; init; }

    /// <summary>Where the store's ends; null when it is empty or could not be asked.</summary>
    public CommandEnd? StoreEnd { get; init; }

    /// <summary>What is missing inside of what the store has.</summary>
    public IReadOnlyList<WalRange> Holes { get; init; } = [];

    /// <summary>The times to which the server can be brought back, oldest first.</summary>
    public IReadOnlyList<RecoverySpan> Spans { get; init; } = [];

    public Problem? StoreProblem { get; init; }

    /// <summary>What the loss of the server's machine would cost: what is not in the spool.</summary>
    public LossBound LossOfDatabase => Bound(OffsetOf(Stream?.SpooledLsn), Stream?.SpoolSecuredAt);

    /// <summary>What the loss of everything but the store would cost.</summary>
    public LossBound LossOfSite => Bound(OffsetOf(Stream?.ShippedLsn) ?? StoreEnd?.Offset, Stream?.StoreSecuredAt);

    public static async Task<CommandStatus> ReadAsync(
        StreamSettings settings,
        Func<CancellationToken, Task<ConnectionSettings>> readConnection,
        Func<CancellationToken, ValueTask<WalArchive>> openArchive,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        CommandStatus status = new() { At = default };
        try
        {
            status = await AddStoreAsync(
                status,
                new CommandArchive(await openArchive(cancellationToken)),
                cancellationToken
            );
        }
        catch (ResurgamException e)
        {
            status = status with { StoreProblem = e.Problem }; // the rest of the status is worth more now than ever
        }
        // A store may be slow: what the stream says of itself is as old as its file, and no older. The server is asked last, so that it is never behind.
        status = status with
        {
            Stream = WalStreamStatus.Find(settings.Folder),
            At = time.GetUtcNow(),
        };
        try
        {
            await using ServerProbe probe = new(readConnection, time);
            var said = await probe.AskAsync(cancellationToken);
            return status with { ServerOffset = said.Offset, ServerHistory = said.Id };
        }
        catch (ResurgamException e)
        {
            return status with { ServerProblem = e.Problem };
        }
    }

    private static async Task<CommandStatus> AddStoreAsync(
        CommandStatus status,
        CommandArchive archive,
        CancellationToken cancellationToken
    )
    {
        List<RecoverySpan> spans = [];
        CommandEnd? end = null;
        var timelines = await archive.ListAsync(cancellationToken);
        foreach (var timeline in timelines)
        {
            end = await archive.FindEndAsync(timeline, cancellationToken);
            if (timeline.Link.Continues is not null && spans.Count > 0)
                spans[^1] = spans[^1] with { Until = end.At };
            else
                spans.Add(new RecoverySpan(timeline.Link.BeganAt, end.At));
        }
        return status with
        {
            StoreEnd = end,
            Spans = spans,
            Holes = [.. timelines.SelectMany(timeline => timeline.Coverage?.Gaps ?? [])],
        };
    }

    private LossBound Bound(long? reached, DateTimeOffset? securedAt) =>
        new(
            ServerOffset is { } server && reached is { } offset && IsOneHistory
                ? new ByteSize(Math.Max(0, server - offset))
                : null,
            securedAt is { } at && At >= at ? At - at : null // later than now: the clock was set back since
        );

    /// <summary>Counts of two histories cannot be compared.</summary>
    private bool IsOneHistory => Stream?.ReplicationId is not { } ours || ours == ServerHistory;

    private static long? OffsetOf(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;
}

/// <summary>Any time between these two, both included.</summary>
public sealed record RecoverySpan(DateTimeOffset From, DateTimeOffset Until);
