using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>What runs a watchdog: <see cref="SyncWatchdog.RunAsync"/>, or a process of its own that does.</summary>
/// <param name="leave">See <see cref="SyncWatchdog.RunAsync"/>.</param>
/// <param name="cancellationToken">Ends it as it stands.</param>
public delegate Task RunWatchdog(CancellationToken leave, CancellationToken cancellationToken);

/// <summary>The stream's part in the watch over commits: it sees when they wait for us, and has a watchdog run as long as they do.</summary>
internal sealed class SyncGuard(
    WalStreamSettings settings,
    ConnectionSettings connection,
    RunWatchdog run,
    RunWatchdog standIn,
    TimeProvider time
)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long the watch is kept here when its process did not last so long; then that is tried again.</summary>
    private static readonly TimeSpan StandInTime = TimeSpan.FromSeconds(5);

    private SyncConnection? _sql;
    private bool _wasConnected;
    private volatile WatchdogWord? _word;
    private volatile bool _isGuarded;
    private volatile Problem? _failure;
    private volatile bool _isStandingIn;

    /// <summary>What is known of commits that wait for us.</summary>
    public WatchdogWord? Word
    {
        get
        {
            if (!_isGuarded || _word is not { } ours)
                return _word;
            var theirs =
                WatchdogWord.Find(settings.Folder) is { } found && found.UpdatedAt > ours.UpdatedAt ? found : ours;
            if (!theirs.IsFreshAt(time.GetUtcNow()))
                return theirs with { Problem = WatchdogProblems.Silent().Problem };
            return _isStandingIn ? theirs with { Problem = theirs.Problem ?? _failure } : theirs;
        }
    }

    /// <summary>Until it is told to stop; then the set is left, as nobody acknowledges any more.</summary>
    /// <param name="leaves">False: another stream of this process goes on at once, and commits wait for that.</param>
    /// <exception cref="ResurgamException">The role lacks a right: found at the first connection.</exception>
    public async Task RunAsync(Func<bool> leaves, CancellationToken cancellationToken)
    {
        using CancellationTokenSource leave = new();
        using CancellationTokenSource end = new();
        await using var stop = cancellationToken.Register(() => (leaves() ? leave : end).Cancel());
        using PeriodicTimer timer = new(Period, time);
        try
        {
            do
            {
                if (!await IsNeededAsync(cancellationToken))
                    continue;
                await CloseAsync();
                _isGuarded = true;
                await RunWatchdogAsync(leave.Token, end.Token);
                _isGuarded = false;
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
            when (cancellationToken.IsCancellationRequested && leaves() && _failure is not null)
        {
            await standIn(new CancellationToken(canceled: true), end.Token); // the one that should leave the set is not there
        }
        finally
        {
            await CloseAsync();
        }
    }

    private async Task RunWatchdogAsync(CancellationToken leave, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            await run(leave, cancellationToken);
            _failure = null;
        }
        catch (ResurgamException e)
        {
            _failure = e.Problem; // shown in the status until it runs again
            if (time.GetElapsedTime(began) < StandInTime)
                await StandInAsync(leave, cancellationToken);
        }
    }

    /// <summary>As long as this process lives and runs, commits wait no longer than allowed without the other, too.</summary>
    private async Task StandInAsync(CancellationToken leave, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(StandInTime, time);
        await using var last = leave.Register(() => limit.CancelAfter(Timeout.InfiniteTimeSpan));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        _isStandingIn = true;
        try
        {
            await standIn(leave, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Time to try the process again.
        }
        finally
        {
            _isStandingIn = false;
        }
    }

    private async Task<bool> IsNeededAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SyncConnection.QueryLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            _sql ??= await SyncConnection.OpenAsync(connection, settings.Slot, time, either.Token);
            _wasConnected = true;
            var set = (await _sql.LookAsync(either.Token)).Set;
            Say(set.Contains(settings.Slot), _failure);
            return SyncWatchdog.IsNeeded(settings, set);
        }
        catch (ResurgamException e) when (_wasConnected || e.Problem.Remedy == Remedy.Retry)
        {
            Say(isSynchronous: null, e.Problem); // the next look tries again
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Say(isSynchronous: null, WatchdogProblems.Slow(SyncConnection.QueryLimit).Problem);
        }
        await CloseAsync();
        return false;
    }

    private void Say(bool? isSynchronous, Problem? problem) =>
        _word = new WatchdogWord(Environment.ProcessId, time.GetUtcNow(), isSynchronous, problem);

    private async Task CloseAsync()
    {
        if (_sql is { } sql)
            await sql.DisposeAsync();
        _sql = null;
    }
}
