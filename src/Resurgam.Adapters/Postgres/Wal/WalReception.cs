using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>The hot path: receive, write, sync, acknowledge. All that is here already goes into one sync.</summary>
internal sealed class WalReception(WalSpool spool, WalStreamSettings settings, TimeProvider time)
{
    /// <summary>The most that is written between two syncs: bounds how long a commit waits behind a flood.</summary>
    private const int MaxBatchBytes = 4 << 20;

    /// <summary>A stream that is so far behind fills files rather than serving commits.</summary>
    private const ulong CatchingUpBytes = 64 << 20;

    private static readonly TimeSpan BeatPeriod = TimeSpan.FromSeconds(1);

    private readonly LossMeter _meter = new();
    private WalScanner? _scanner;
    private long _heardAt;
    private long _stalledSince;
    private long _bytesReceived;
    private ulong _serverEnd;

    /// <summary>Since the process began.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Where the server's WAL ends, by its last message.</summary>
    public Lsn? ServerEnd => Volatile.Read(ref _serverEnd) is var end and > 0 ? new Lsn(end) : null;

    public DateTimeOffset? SecuredAt => _meter.SecuredAt;

    public DateTimeOffset? LastCommitAt => _scanner?.LastCommit?.At;

    public WalDamage? Damage => _scanner?.Damage;

    /// <summary>
    /// Since when the spool takes no WAL, by <see cref="TimeProvider.GetTimestamp"/>: a write or sync that has not come back
    /// or has failed. Null while all is well.
    /// </summary>
    public long? StalledSince => Volatile.Read(ref _stalledSince) is var began and > 0 ? began : null;

    public Action<Lsn, DateTimeOffset>? ServerSaid { get; init; }

    /// <summary>Receives one timeline until the server has no more of it.</summary>
    /// <exception cref="ResurgamException">The connection or the spool failed.</exception>
    public async Task<(uint NextTimeline, Lsn SwitchLsn)> RunAsync(IWalFeed feed, CancellationToken cancellationToken)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Hear();
        await SendAsync(feed, replyRequested: true, session.Token);
        var beat = BeatAsync(feed, session);
        try
        {
            await ReceiveAsync(feed, session.Token);
            return await FinishAsync(feed, session.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await beat; // when it failed, it knows why
            throw WalStreamProblems.Silent(settings.Asset, settings.SilenceLimit);
        }
        finally
        {
            await session.CancelAsync();
            await Task.WhenAny(beat);
        }
    }

    private async Task ReceiveAsync(IWalFeed feed, CancellationToken cancellationToken)
    {
        while (await feed.ReadAsync(cancellationToken) is { } message)
        {
            Hear();
            Interlocked.CompareExchange(ref _stalledSince, time.GetTimestamp(), 0);
            var batchBytes = Take(message);
            var isReplyWanted = message.ReplyRequested;
            while (batchBytes < MaxBatchBytes && feed.TryRead(out message))
            {
                batchBytes += Take(message);
                isReplyWanted |= message.ReplyRequested;
            }
            spool.Sync();
            Volatile.Write(ref _stalledSince, 0);
            if (batchBytes > 0 || isReplyWanted)
                await SendAsync(feed, replyRequested: false, cancellationToken);
            _meter.Reached(spool.Here.Durable);
        }
    }

    private async Task<(uint NextTimeline, Lsn SwitchLsn)> FinishAsync(
        IWalFeed feed,
        CancellationToken cancellationToken
    ) =>
        await feed.FinishAsync(cancellationToken)
        ?? throw WalStreamProblems.EndBeforeSwitch(
            settings.Asset,
            new WalRange(spool.Here.Timeline, spool.Here.Written, spool.Here.Written)
        );

    private int Take(WalMessage message)
    {
        var now = time.GetUtcNow();
        _meter.Saw(message.ServerEnd, now);
        ServerSaid?.Invoke(message.ServerEnd, now);
        Volatile.Write(ref _serverEnd, message.ServerEnd.Value);
        if (message.Kind != WalMessageKind.Data)
            return 0;
        var bytes = message.Bytes.Span;
        spool.IsCatchingUp = message.ServerEnd > message.End && message.ServerEnd - message.End > CatchingUpBytes;
        spool.Write(message.Start, bytes);
        Volatile.Write(ref _bytesReceived, _bytesReceived + bytes.Length);
        _scanner ??= new WalScanner(spool.Cluster.SegmentSizeBytes);
        _scanner.Add(message.Start, bytes);
        return bytes.Length;
    }

    private ValueTask SendAsync(IWalFeed feed, bool replyRequested, CancellationToken cancellationToken) =>
        feed.SendStatusAsync(spool.Here, replyRequested, cancellationToken);

    /// <summary>Asks the server for a sign of life every second: it also tells how far its WAL has come.</summary>
    private async Task BeatAsync(IWalFeed feed, CancellationTokenSource session)
    {
        using var timer = new PeriodicTimer(BeatPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(session.Token))
            {
                // While a sync hangs nobody reads, and the silence is ours.
                if (StalledSince is null && time.GetElapsedTime(Volatile.Read(ref _heardAt)) > settings.SilenceLimit)
                    return;
                await SendAsync(feed, replyRequested: true, session.Token);
            }
        }
        finally
        {
            await session.CancelAsync();
        }
    }

    private void Hear() => Volatile.Write(ref _heardAt, time.GetTimestamp());
}
