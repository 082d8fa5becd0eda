using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>
/// Keeps a cluster's WAL safe as it is written: server → spool (synced) → acknowledgement → fragments → store → segments.
/// </summary>
/// <remarks>
/// Three things run side by side and each survives the failure of the others: the sessions with the server, the shipper to
/// the store, the watchdog over commits that wait. Nothing is acknowledged that is not synced here, nothing is removed
/// here that is not in the store.
/// </remarks>
[SuppressMessage(
    "Naming",
    "CA1711",
    Justification = "It is what operators call it, if not a stream of bytes in .NET's sense."
)]
public sealed class WalStream : IAsyncDisposable
{
    private readonly WalStreamSettings _settings;
    private readonly Func<CancellationToken, Task<IWalServer>> _connect;
    private readonly Func<CancellationToken, ValueTask<WalArchive>> _openArchive;
    private readonly TimeProvider _time;
    private readonly WalSpool _spool;
    private readonly WalShipper _shipper;
    private readonly WalReception _reception;
    private readonly LossMeter _storeMeter = new();
    private readonly SyncGuard? _guard;
    private readonly Action<string> _told;
    private readonly WalResume _resume = new();
    private readonly StreamKeeper _keeper;

    internal WalStream(
        WalStreamSettings settings,
        Func<CancellationToken, Task<IWalServer>> connect,
        Func<CancellationToken, ValueTask<WalArchive>> openArchive,
        TimeProvider time,
        Action<string>? told = null,
        SyncGuard? guard = null
    )
    {
        (_settings, _connect, _openArchive, _time) = (settings, connect, openArchive, time);
        (_told, _guard) = (told ?? (static _ => { }), guard);
        _spool = WalSpool.Open(settings.Folder, PostgresWalForm.Instance, settings.SpoolLimit);
        _shipper = new WalShipper(_spool, PostgresWalForm.Instance, settings, openArchive, time)
        {
            Reached = _storeMeter.Reached,
        };
        _reception = new WalReception(_spool, settings, time) { ServerSaid = _storeMeter.Saw };
        _keeper = new StreamKeeper(settings, _shipper, time)
        {
            RunSessionAsync = RunSessionAsync,
            Describe = () => Status,
            BytesReceived = () => _reception.BytesReceived,
            WaitsForRepair = () => _resume.SkipsGap,
            Told = _told,
        };
    }

    /// <summary>Takes the spool for itself; <see cref="RunAsync"/> does the rest.</summary>
    /// <param name="connection">Of a role with the REPLICATION right; with a watchdog also one that may set its parameter.</param>
    /// <param name="openArchive">The archive with the generation of this moment; called at the beginning of a segment, once a minute at most.</param>
    /// <param name="told">Sentences for the log: a slot that was made, a gap that was accepted, what the watchdog did.</param>
    /// <param name="runWatchdog">Null: it runs here, and dies with the stream. It does that, too, while this one does not start.</param>
    /// <exception cref="ResurgamException">Another process has the spool, or the disk fails.</exception>
    public static WalStream Open(
        WalStreamSettings settings,
        ConnectionSettings connection,
        Func<CancellationToken, ValueTask<WalArchive>> openArchive,
        TimeProvider time,
        Action<string>? told = null,
        RunWatchdog? runWatchdog = null
    )
    {
        told ??= static _ => { };
        var named = connection with { ApplicationName = settings.Slot, BlocksThread = true };
        SyncGuard? guard = null;
        if (settings.SynchronousWait is { } wait)
        {
            RunWatchdog here = new SyncWatchdog(settings, wait, connection, time, told).RunAsync;
            guard = new SyncGuard(settings, connection, runWatchdog ?? here, here, time);
        }
        return new WalStream(
            settings,
            token => PostgresWalServer.OpenAsync(named, settings.Slot, time, token),
            openArchive,
            time,
            told,
            guard
        );
    }

    /// <summary>Where things stand at this moment. Thread-safe.</summary>
    public WalStreamStatus Status => DescribeAt(_time.GetUtcNow());

    /// <summary>Streams until it is told to stop; then what is in the spool goes to the store.</summary>
    /// <remarks>A failure that a person must repair ends it only when nothing was received yet; later it is waited out.</remarks>
    /// <param name="cancellationToken">Commits no longer wait for us then.</param>
    /// <param name="handOver">Stops it, too, and another stream goes on at once: commits wait for that.</param>
    /// <exception cref="ResurgamException">It cannot begin.</exception>
    public async Task RunAsync(CancellationToken cancellationToken, CancellationToken handOver = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, handOver);
        bool Leaves() => cancellationToken.IsCancellationRequested || !handOver.IsCancellationRequested;
        await _keeper.RunAsync(_guard is null ? [] : [token => _guard.RunAsync(Leaves, token)], either.Token);
    }

    /// <summary>Ships what is in the spool without a server: after its loss.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => _shipper.DrainAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _spool.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        await using var server = await _connect(cancellationToken);
        _keeper.Connected();
        var session = new WalSession(server, _spool, _openArchive, _settings, _resume, ReceiveAsync, _told);
        await session.RunAsync(cancellationToken);
    }

    private Task<(uint NextTimeline, Lsn SwitchLsn)> ReceiveAsync(IWalFeed feed, CancellationToken cancellationToken)
    {
        _keeper.Streaming();
        return Task
            .Factory.StartNew(
                () => _reception.RunAsync(feed, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning, // a thread of its own: see BlockingSocketStream
                TaskScheduler.Default
            )
            .Unwrap();
    }

    private WalStreamStatus DescribeAt(DateTimeOffset now)
    {
        var (position, watch) = (_spool.Position, _guard?.Word);
        return new WalStreamStatus
        {
            Asset = _settings.Asset,
            Slot = _settings.Slot,
            ProcessId = Environment.ProcessId,
            BeganAt = _settings.BeganAt,
            State = _keeper.State,
            UpdatedAt = now,
            SystemIdentifier = _spool.Identity?.SystemIdentifier.ToString(CultureInfo.InvariantCulture),
            Timeline = position?.Timeline,
            ServerLsn = _reception.ServerEnd?.ToString(),
            ReceivedLsn = position?.Written.ToString(),
            SpooledLsn = position?.Durable.ToString(),
            ShippedLsn = _shipper.Shipped?.End.ToString(),
            SpoolSecuredAt = _reception.SecuredAt,
            StoreSecuredAt = _storeMeter.SecuredAt,
            SpoolCommitAt = _reception.LastCommitAt,
            StoreCommitAt = _shipper.LastCommitAt,
            SpoolBytes = _spool.Size.Bytes,
            IsSynchronous = watch?.IsSynchronous,
            Sessions = _keeper.Sessions,
            StreamProblem = _keeper.Problem,
            StoreProblem = _shipper.Problem,
            WatchdogProblem = watch?.Problem,
            Damage = _reception.Damage is { } damage ? $"{damage.At}: {damage.What}" : null,
        };
    }
}
