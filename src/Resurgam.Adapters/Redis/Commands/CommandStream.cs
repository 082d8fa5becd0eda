using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Resurgam.Adapters.Redis.Capture;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>
/// Keeps a server's commands safe as they come: server → spool (synced) → acknowledgement → fragments → store → segments,
/// each timeline of them behind a base or behind another timeline.
/// </summary>
[SuppressMessage(
    "Naming",
    "CA1711",
    Justification = "It is what operators call it, if not a stream of bytes in .NET's sense."
)]
public sealed class CommandStream : IAsyncDisposable
{
    private readonly StreamSettings _settings;
    private readonly CommandSurroundings _around;
    private readonly TimeProvider _time;
    private readonly WalSpool _spool;
    private readonly WalShipper _shipper;
    private readonly CommandJournal _journal;
    private readonly CommandReception _reception;
    private readonly CommandSession _session;
    private readonly StreamKeeper _keeper;
    private volatile ShippedCommands? _shipped;

    private CommandStream(
        StreamSettings settings,
        RedisSource source,
        CommandSurroundings around,
        TimeProvider time,
        IWorkProgress progress
    )
    {
        (_settings, _around, _time) = (settings, around, time);
        _spool = WalSpool.Open(settings.Folder, CommandForm.Instance, settings.SpoolLimit);
        _shipper = new WalShipper(_spool, CommandForm.Instance, settings, around.OpenArchive, time)
        {
            Reached = _ => TellShipped(),
        };
        _journal = new CommandJournal(_spool);
        _journal.Recover();
        _reception = new CommandReception(_journal, around.ReadConnection, time);
        _session = new CommandSession(
            new RedisCapture(source, time, progress),
            _journal,
            _spool,
            settings,
            around,
            time
        );
        _keeper = new StreamKeeper(settings, _shipper, time)
        {
            RunSessionAsync = RunSessionAsync,
            Describe = () => Status,
            BytesReceived = () => _reception.BytesReceived,
        };
    }

    /// <summary>Takes the spool for itself; <see cref="RunAsync"/> does the rest.</summary>
    /// <param name="settings">Where its spool is.</param>
    /// <param name="source">How a base is captured; its connection is not used, <see cref="CommandSurroundings.ReadConnection"/> is.</param>
    /// <param name="around">What it needs of its surroundings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Of a base.</param>
    /// <exception cref="ResurgamException">Another process has the spool, or the disk fails.</exception>
    public static CommandStream Open(
        StreamSettings settings,
        RedisSource source,
        CommandSurroundings around,
        TimeProvider time,
        IWorkProgress progress
    ) => new(settings, source, around, time, progress);

    /// <summary>Where things stand at this moment. Thread-safe.</summary>
    public WalStreamStatus Status
    {
        get
        {
            var link = _journal.Link;
            return new WalStreamStatus
            {
                Asset = _settings.Asset,
                ProcessId = Environment.ProcessId,
                State = _keeper.State,
                UpdatedAt = _time.GetUtcNow(),
                Timeline = link is null ? null : _journal.Timeline,
                ReplicationId = link?.ReplicationId,
                ServerLsn = Text(_reception.ServerOffset),
                ReceivedLsn = Text(link is null ? null : _journal.WrittenOffset),
                SpooledLsn = Text(link is null ? null : _journal.DurableOffset),
                ShippedLsn = Text(ShippedOffset),
                SpoolSecuredAt = _reception.SpoolSecuredAt,
                StoreSecuredAt = _reception.StoreSecuredAt,
                SpoolCommitAt = link is null ? null : _journal.LastAt,
                StoreCommitAt = _shipper.LastCommitAt,
                SpoolBytes = _spool.Size.Bytes,
                Sessions = _keeper.Sessions,
                StreamProblem = _keeper.Problem,
                StoreProblem = _shipper.Problem,
                ServerProblem = _reception.Problem,
            };
        }
    }

    /// <summary>Of the timeline that is written; null while the store holds nothing of it.</summary>
    private long? ShippedOffset =>
        _shipped is { } shipped && shipped.Timeline == _journal.Timeline ? shipped.Offset : null;

    /// <summary>Streams until it is told to stop; then what is in the spool goes to the store.</summary>
    /// <remarks>A failure that a person must repair ends it only when nothing was received yet; later it is waited out.</remarks>
    /// <exception cref="ResurgamException">It cannot begin.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => _keeper.RunAsync([], cancellationToken);

    public ValueTask DisposeAsync()
    {
        _spool.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        var connection = await _around.ReadConnection(cancellationToken);
        await using var session = await RedisConnection.OpenAsync(connection, _time, cancellationToken);
        _keeper.Connected();
        var before = _journal.Timeline;
        var first = await _session.BeginAsync(session, _keeper.Copying, cancellationToken);
        if (_journal.Timeline != before && _journal.Link is { Continues: null })
            _reception.Forget();
        _keeper.Streaming();
        await _reception.RunAsync(session, first, cancellationToken);
    }

    private void TellShipped()
    {
        if (_shipper is { Shipped: { } shipped, Scanner: CommandScanner { EndOffset: { } end } })
            _shipped = new ShippedCommands(shipped.Timeline, end);
        if (ShippedOffset is { } offset)
            _reception.Shipped(offset);
    }

    private static string? Text(long? offset) => offset?.ToString(CultureInfo.InvariantCulture);

    /// <param name="Offset">The store holds everything of the timeline up to here, in the server's count.</param>
    private sealed record ShippedCommands(uint Timeline, long Offset);
}
