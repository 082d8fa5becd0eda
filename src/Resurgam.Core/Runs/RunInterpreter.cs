using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public enum RunTurn
{
    /// <summary>Something is being done.</summary>
    Working,

    /// <summary>Nothing goes on without a person's word.</summary>
    Waiting,

    Ended,

    /// <summary>Another process leads now: this one has to stop.</summary>
    Superseded,
}

/// <summary>
/// Carries a run out. The intent is written before the effect and the outcome after it, each right behind all that was
/// read: who finds the place taken reads on, and stops when another leads. Not thread-safe; <see cref="TurnAsync"/> is
/// called again and again.
/// </summary>
public sealed class RunInterpreter(RunJournal journal, IStepWork work, TimeProvider time, string leader)
    : IAsyncDisposable
{
    /// <summary>Each pass writes an entry or starts something: a runbook has far fewer.</summary>
    private const int MostPasses = 10_000;

    /// <summary>A look must not keep other steps from going on.</summary>
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(StepId Step, bool IsUndo), Active> _active = [];
    private readonly CancellationTokenSource _end = new();
    private readonly HashSet<(StepId Step, bool IsUndo, int Attempt)> _begun = [];
    private Task<ConditionReport>? _steady;
    private long _lastWord = time.GetTimestamp();

    /// <summary>What runs; any of them ending is a reason for a turn.</summary>
    public IEnumerable<Task> Running =>
        [.. _active.Values.Select(active => active.Task), .. _steady is null ? [] : new Task[] { _steady }];

    /// <summary>Reads on, writes what has ended, and begins what can begin.</summary>
    /// <exception cref="ResurgamException">The store's own: nothing began that is not written; turn again.</exception>
    public async Task<RunTurn> TurnAsync(CancellationToken cancellationToken)
    {
        await journal.CatchUpAsync(cancellationToken);
        for (var pass = 0; pass < MostPasses; pass++)
        {
            if (journal.State.Result is not null)
                return RunTurn.Ended;
            if (journal.State.Leader != leader)
            {
                End();
                return RunTurn.Superseded;
            }
            if (journal.State.IsStopping)
                Stop();
            if (!await PassAsync(cancellationToken))
                break;
        }
        if (_active.Count > 0 && time.GetElapsedTime(_lastWord) >= RunLead.Heartbeat)
            await WriteAsync(new RunEvent.Alive(leader), cancellationToken);
        return _active.Count == 0 && _steady is null && journal.State.Waits.Count > 0
            ? RunTurn.Waiting
            : RunTurn.Working;
    }

    public async ValueTask DisposeAsync()
    {
        End();
        foreach (var active in _active.Values)
            await ((Task)active.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var active in _active.Values)
            active.Dispose();
        if (_steady is not null)
            await ((Task)_steady).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    /// <returns>False when nothing is left to do in this turn.</returns>
    private async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        var state = journal.State;
        if (_active.FirstOrDefault(one => one.Value.Task.IsCompleted) is { Value: { } ended } finished)
        {
            await FinishAsync(finished.Key, ended, cancellationToken);
            return true;
        }
        foreach (var step in state.Steps.Where(step => step.IsRunning))
        {
            var key = (step.Step.Id, step.Status != StepStatus.Running);
            if (_active.ContainsKey(key))
                continue;
            await GoOnAsync(step, key, cancellationToken);
            return true;
        }
        foreach (var move in RunMove.Of(state))
            if (await MakeAsync(state, move, cancellationToken))
                return true;
        return false;
    }

    /// <summary>There is an intent, and nothing of ours runs for it: we have just written it, or somebody died.</summary>
    private async Task GoOnAsync(StepState step, (StepId, bool IsUndo) key, CancellationToken cancellationToken)
    {
        var attempt = key.IsUndo ? step.UndoAttempts : step.Attempts;
        var call = StepCall.Of(journal.Run, journal.State, step, key.IsUndo);
        if (step.IntentLeader != leader)
        {
            Begin(key, attempt, call, isSettling: true);
            return;
        }
        Require.That(
            !_begun.Contains((step.Step.Id, key.IsUndo, attempt)),
            "an effect that began here is watched here"
        );
        if (!key.IsUndo && journal.State.IsStopping)
        {
            var unbegun = new StepReport(StepResult.Repeat, "it did not begin, because the run was stopped before", []);
            await WriteAsync(
                new RunEvent.Outcome(step.Step.Id, attempt, leader, key.IsUndo, unbegun),
                cancellationToken
            );
            return;
        }
        // We may have slept since we wrote: what we do now must rest on a fresh look.
        var looked = time.GetTimestamp();
        var head = journal.State.Head;
        await journal.CatchUpAsync(cancellationToken);
        if (journal.State.Head == head && time.GetElapsedTime(looked) <= RunLead.Fresh)
            Begin(key, attempt, call, isSettling: false);
    }

    private void Begin((StepId Step, bool IsUndo) key, int attempt, StepCall call, bool isSettling)
    {
        if (!isSettling)
            _begun.Add((key.Step, key.IsUndo, attempt));
        StepAttempt one = new(work, call, time);
        CancellationTokenSource stop = new();
        _active.Add(
            key,
            new Active(isSettling ? one.SettleAsync(_end.Token) : one.RunAsync(stop.Token, _end.Token), attempt, stop)
        );
    }

    private async Task FinishAsync((StepId Step, bool IsUndo) key, Active ended, CancellationToken cancellationToken)
    {
        var step = journal.State.FindStep(key.Step);
        var report = await ended.Task;
        var isOpen = key.IsUndo
            ? step is { Undo: UndoStatus.Running } && step.UndoAttempts == ended.Attempt
            : step is { Status: StepStatus.Running } && step.Attempts == ended.Attempt;
        // It is closed when our own word arrived although the store told us otherwise.
        if (
            isOpen
            && !await WriteAsync(
                new RunEvent.Outcome(key.Step, ended.Attempt, leader, key.IsUndo, report),
                cancellationToken
            )
        )
            return;
        _active.Remove(key);
        ended.Dispose();
    }

    /// <returns>False when there is nothing to do but to wait.</returns>
    private async Task<bool> MakeAsync(RunState state, RunMove move, CancellationToken cancellationToken)
    {
        switch (move)
        {
            case RunMove.Start(var step):
                var before = await LookAsync(StepCall.Of(journal.Run, state, step, isUndo: false), cancellationToken);
                await WriteAsync(
                    new RunEvent.Intent(step.Step.Id, step.Attempts + 1, leader, IsUndo: false, before),
                    cancellationToken
                );
                return true;
            case RunMove.Leave(var step):
                StepReport left = new(StepResult.Skipped, $"not done in a drill: {step.Step.WhyNotInDrill}", []);
                await WriteAsync(
                    new RunEvent.Outcome(step.Step.Id, step.Attempts, leader, IsUndo: false, left),
                    cancellationToken
                );
                return true;
            case RunMove.Undo(var step):
                await WriteAsync(
                    new RunEvent.Intent(step.Step.Id, step.UndoAttempts + 1, leader, IsUndo: true, []),
                    cancellationToken
                );
                return true;
            case RunMove.AskSteadyState:
                return await AskSteadyStateAsync(state, cancellationToken);
            case RunMove.End(var result):
                await WriteAsync(new RunEvent.Ended(leader, result), cancellationToken);
                return true;
            default:
                throw new System.Diagnostics.UnreachableException($"no way is written for {move}");
        }
    }

    /// <summary>What an undo has to know; what cannot be seen now is not noted, and the effect will say why.</summary>
    private async Task<ValueList<StepNote>> LookAsync(StepCall call, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(LookLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return (await work.LookAsync(call, either.Token)).Notes;
        }
        catch (ResurgamException e)
        {
            return [new StepNote("not-seen", e.Problem.What)];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [new StepNote("not-seen", $"no answer within {Duration.Format(LookLimit)}")];
        }
    }

    private async Task<bool> AskSteadyStateAsync(RunState state, CancellationToken cancellationToken)
    {
        _steady ??= new SteadyStateCheck(work, time).RunAsync(journal.Run, state, _end.Token);
        if (!_steady.IsCompleted)
            return false;
        var report = await _steady;
        if (await WriteAsync(new RunEvent.Steady(leader, report.Holds, report.What), cancellationToken))
            _steady = null;
        return true;
    }

    /// <summary>What runs is cut off; undoing goes on.</summary>
    private void Stop()
    {
        foreach (var (key, active) in _active)
            if (!key.IsUndo)
                active.Stop();
    }

    private void End() => _end.Cancel();

    private async Task<bool> WriteAsync(RunEvent happened, CancellationToken cancellationToken)
    {
        var isWritten = await journal.TryAppendAsync(happened, cancellationToken);
        if (isWritten)
            _lastWord = time.GetTimestamp();
        return isWritten;
    }

    private sealed class Active(Task<StepReport> task, int attempt, CancellationTokenSource stop) : IDisposable
    {
        public Task<StepReport> Task => task;

        public int Attempt => attempt;

        public void Stop() => stop.Cancel();

        public void Dispose() => stop.Dispose();
    }
}
