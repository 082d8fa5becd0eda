using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Wal;

/// <summary>
/// What every stream does beside receiving: it tries again, ships, tells how it stands, and empties its spool in the end.
/// Each part survives the failure of the others.
/// </summary>
internal sealed class StreamKeeper(StreamSettings settings, WalShipper shipper, TimeProvider time)
{
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(1);

    private volatile Problem? _problem;
    private volatile int _state = (int)WalStreamState.Connecting;
    private int _sessions;

    /// <summary>One connection, from its beginning to its failure.</summary>
    public required Func<CancellationToken, Task> RunSessionAsync { get; init; }

    public required Func<WalStreamStatus> Describe { get; init; }

    /// <summary>Since the process began.</summary>
    public required Func<long> BytesReceived { get; init; }

    /// <summary>A failure that a person must repair is waited out all the same.</summary>
    public Func<bool> WaitsForRepair { get; init; } = static () => false;

    /// <summary>Hears once why a session waits, and again when that has changed.</summary>
    public Action<string> Told { get; init; } = static _ => { };

    /// <summary>Why there is no stream right now.</summary>
    public Problem? Problem => _problem;

    public WalStreamState State => (WalStreamState)_state;

    /// <summary>Connections so far.</summary>
    public int Sessions => _sessions;

    /// <summary>Streams until it is told to stop; then what is in the spool goes to the store.</summary>
    /// <param name="others">More work of this kind of stream, which does not end by itself.</param>
    /// <exception cref="ResurgamException">It cannot begin.</exception>
    public async Task RunAsync(IReadOnlyList<Func<CancellationToken, Task>> others, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> work =
        [
            RunSessionsAsync(stop.Token),
            shipper.RunAsync(stop.Token),
            WriteStatusesAsync(stop.Token),
            .. others.Select(other => other(stop.Token)),
        ];
        try
        {
            await Task.WhenAny(work); // none of them ends by itself, except by a failure
            await stop.CancelAsync();
            await Task.WhenAll(work);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: what remains is to empty the spool.
        }
        finally
        {
            _state = (int)WalStreamState.Stopped;
            await DrainRestAsync();
            WriteStatus();
        }
    }

    /// <summary>A session has begun on a connection of its own.</summary>
    public void Connected() => Interlocked.Increment(ref _sessions);

    /// <summary>The session receives all data first.</summary>
    public void Copying() => _state = (int)WalStreamState.Copying;

    /// <summary>The session receives.</summary>
    public void Streaming()
    {
        _state = (int)WalStreamState.Streaming;
        _problem = null;
    }

    private async Task RunSessionsAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(settings.MaxBackoff, time);
        while (!cancellationToken.IsCancellationRequested)
        {
            var before = BytesReceived();
            try
            {
                _state = (int)WalStreamState.Connecting;
                await RunSessionAsync(cancellationToken);
            }
            catch (ResurgamException e) when (MayPass(e))
            {
                if (_problem?.Code != e.Problem.Code)
                    Told($"waits: {e.Problem.What}");
                _problem = e.Problem; // shown in the status until a session works
                _state = (int)WalStreamState.Waiting;
                if (BytesReceived() > before)
                    backoff.Reset();
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>What was working once will work again when someone has repaired it; what never began is told at once.</summary>
    private bool MayPass(ResurgamException e) =>
        e.Problem.Remedy == Remedy.Retry || WaitsForRepair() || BytesReceived() > 0;

    /// <summary>After the order to stop: the rest goes to the store, but a store that hangs does not hold us.</summary>
    private async Task DrainRestAsync()
    {
        using var limit = new CancellationTokenSource(settings.StopLimit, time);
        try
        {
            await shipper.DrainAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _problem = SpoolProblems.StoreBehind(settings.Asset, settings.StopLimit).Problem;
        }
        catch (ResurgamException e)
        {
            _problem = e.Problem; // it stays in the spool and is shown there
        }
    }

    private async Task WriteStatusesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(StatusPeriod, time);
        do WriteStatus();
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private void WriteStatus()
    {
        var path = Path.Combine(settings.Folder, WalStreamStatus.FileName);
        try
        {
            WordFile.Write(path, Describe(), WalStreamJson.Default.WalStreamStatus);
        }
        catch (IOException e)
        {
            // The old status stays, and its age tells. The stream itself has told the reason.
            _problem ??= SpoolProblems.SpoolFailed(settings.Folder, e).Problem;
        }
    }
}
