using System.Collections.Concurrent;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>Keeps workers at their work: one that fails is told of and started again, after pauses that double. Thread-safe.</summary>
internal sealed class Supervisor(DaemonLog log, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Who has worked so long without a failure begins with short pauses again.</summary>
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Worker> _workers = new(StringComparer.Ordinal);

    public IReadOnlyList<WorkerState> Workers =>
        [.. _workers.Values.Select(worker => worker.State).OrderBy(state => state.Name, StringComparer.Ordinal)];

    /// <summary>Runs a worker until it is told to stop. It must say <see cref="Beat"/> at least once in <paramref name="limit"/>.</summary>
    /// <param name="limit">Null for one that is not asked for beats: its failures tell.</param>
    public async Task KeepAsync(
        string name,
        TimeSpan? limit,
        Func<CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        Worker worker = new(new WorkerState(name, time.GetUtcNow(), limit, Problem: null, Restarts: 0));
        _workers[name] = worker;
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var began = time.GetUtcNow();
            worker.Begin(began);
            if (await TryAsync(name, worker, work, cancellationToken))
                break;
            if (time.GetUtcNow() - began > Recovered)
                pause = FirstPause;
            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
        _workers.TryRemove(name, out _);
    }

    public void Beat(string name)
    {
        if (_workers.TryGetValue(name, out var worker))
            worker.Beat(time.GetUtcNow());
    }

    /// <returns>True when it ended because it was told to.</returns>
    private async Task<bool> TryAsync(
        string name,
        Worker worker,
        Func<CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await work(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
                return true;
            worker.Fail("it ended by itself");
            log.Write(LogLevel.Error, name, "it ended by itself; it is started again");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (ResurgamException e)
        {
            worker.Fail(e.Problem.What);
            log.Write(LogLevel.Error, name, $"{e.Problem.What}. {e.Problem.Hint}", e.Problem.Code);
        }
#pragma warning disable CA1031 // A root: one worker's bug must not take the others with it, and is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            worker.Fail($"a bug: {e.Message}");
            log.Write(LogLevel.Error, name, e.ToString(), "bug");
        }
        return false;
    }

    private sealed class Worker(WorkerState state)
    {
        private readonly Lock _gate = new();
        private WorkerState _state = state;

        public WorkerState State
        {
            get
            {
                lock (_gate)
                    return _state;
            }
        }

        public void Begin(DateTimeOffset now)
        {
            lock (_gate)
                _state = _state with { BeatAt = now };
        }

        public void Beat(DateTimeOffset now)
        {
            lock (_gate)
                _state = _state with { BeatAt = now, Problem = null };
        }

        public void Fail(string problem)
        {
            lock (_gate)
                _state = _state with { Problem = problem, Restarts = _state.Restarts + 1 };
        }
    }
}

/// <param name="BeatAt">When it last said that it lives.</param>
/// <param name="Limit">It is dead when it has not said so for longer; null: nobody asks it.</param>
/// <param name="Problem">Why it failed last; null once it works again.</param>
internal sealed record WorkerState(string Name, DateTimeOffset BeatAt, TimeSpan? Limit, string? Problem, int Restarts)
{
    public bool IsAliveAt(DateTimeOffset now) => Problem is null && !HangsAt(now);

    /// <summary>It has not failed, and says nothing any more.</summary>
    public bool HangsAt(DateTimeOffset now) => Problem is null && now - BeatAt > Limit;
}
