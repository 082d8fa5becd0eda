using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>The hot path: receive, write, sync, acknowledge. All that has come meanwhile goes into one sync.</summary>
internal sealed class CommandReception(
    CommandJournal journal,
    Func<CancellationToken, Task<ConnectionSettings>> readConnection,
    TimeProvider time
)
{
    private static readonly TimeSpan BeatPeriod = TimeSpan.FromSeconds(1);

    /// <summary>What is told as loss is older by this, by the second between two statuses, and by what shipping takes: two seconds in all.</summary>
    private static readonly TimeSpan AskPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>A quiet server's stream has a time at least this often: a point in time is wanted of quiet hours, too.</summary>
    private static readonly TimeSpan MarkEvery = TimeSpan.FromSeconds(5);

    private readonly byte[] _buffer = new byte[CommandJournal.MaxContentBytes];
    private volatile LossMeter _spoolMeter = new();
    private volatile LossMeter _storeMeter = new();
    private volatile Problem? _problem;
    private long _bytesReceived;
    private long _serverOffset = -1;

    /// <summary>Since the process began.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Where the server's stream ends, by its last answer; null while that is not known.</summary>
    public long? ServerOffset => Volatile.Read(ref _serverOffset) is var offset and >= 0 ? offset : null;

    /// <summary>All that the server had written before this moment is durable in the spool.</summary>
    public DateTimeOffset? SpoolSecuredAt => _spoolMeter.SecuredAt;

    /// <summary>… and in the store.</summary>
    public DateTimeOffset? StoreSecuredAt => _storeMeter.SecuredAt;

    /// <summary>Why the server does not tell how far it is.</summary>
    public Problem? Problem => _problem;

    /// <summary>Another history counts anew.</summary>
    public void Forget()
    {
        (_spoolMeter, _storeMeter) = (new LossMeter(), new LossMeter());
        Volatile.Write(ref _serverOffset, -1);
    }

    /// <summary>The store holds everything up to here, in the server's count.</summary>
    public void Shipped(long offset) => _storeMeter.Reached(LsnOf(offset));

    /// <summary>Receives until the connection or the spool fails.</summary>
    /// <param name="first">What came already.</param>
    public async Task RunAsync(RedisConnection session, ReadOnlyMemory<byte> first, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beat = BeatAsync(session, stop);
        try
        {
            if (!first.IsEmpty)
                await TakeAsync(session, first, stop.Token);
            while (true)
            {
                var count = await session.ReadStreamAsync(_buffer, stop.Token);
                await TakeAsync(session, _buffer.AsMemory(0, count), stop.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await beat; // it failed, and knows why
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await beat.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAsync(
        RedisConnection session,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        journal.Write(bytes.Span, time.GetUtcNow());
        var durable = journal.Sync();
        Volatile.Write(ref _bytesReceived, _bytesReceived + bytes.Length);
        _spoolMeter.Reached(LsnOf(durable));
        await session.AcknowledgeAsync(durable, cancellationToken);
    }

    /// <summary>
    /// Every second an acknowledgement: the first makes the server begin, and from Redis 8 on it does not heed one that came
    /// too early. Beside it the question how far the server is, which may take its time.
    /// </summary>
    private async Task BeatAsync(RedisConnection session, CancellationTokenSource stop)
    {
        var asking = AskAsync(stop.Token);
        using var timer = new PeriodicTimer(BeatPeriod, time);
        try
        {
            do await session.AcknowledgeAsync(journal.DurableOffset, stop.Token);
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        finally
        {
            await stop.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        await using ServerProbe probe = new(readConnection, time);
        using var timer = new PeriodicTimer(AskPeriod, time);
        do
        {
            var askedAt = time.GetUtcNow();
            try
            {
                Heed(await probe.AskAsync(cancellationToken), askedAt);
                _problem = null;
            }
            catch (ResurgamException e)
            {
                _problem = e.Problem; // shown in the status; the stream itself does not depend on it
            }
        } while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>What lies before the server's end at the time of the question cannot be lost once it is here; in quiet hours that makes a mark.</summary>
    private void Heed(ReplicationPoint said, DateTimeOffset askedAt)
    {
        if (said.Id != journal.Link?.ReplicationId)
            return; // a failover that the stream has not seen yet
        Volatile.Write(ref _serverOffset, said.Offset);
        _spoolMeter.Saw(LsnOf(said.Offset), askedAt);
        _storeMeter.Saw(LsnOf(said.Offset), askedAt);
        if (askedAt - journal.LastAt >= MarkEvery && journal.WrittenOffset >= said.Offset)
            journal.Mark(askedAt);
    }

    private static Lsn LsnOf(long offset) => new((ulong)offset);
}
