using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Runs;

public enum RunResult
{
    Completed,

    /// <summary>By a person; what could be undone is undone, unless that person said otherwise.</summary>
    Aborted,

    /// <summary>A drill in which a step failed, or after which the steady state did not hold.</summary>
    Failed,
}

/// <summary>How a run stands: nothing but the fold of its entries. Not thread-safe.</summary>
public sealed class RunState
{
    private readonly Dictionary<StepId, StepState> _byId;
    private readonly Dictionary<string, RunVerb> _said = new(StringComparer.Ordinal);

    private RunState(RunEvent.Begun begun, LedgerEntry entry)
    {
        (Begun, Head, BegunAt, BegunBy) = (begun, entry.Head, entry.Time, entry.Actor);
        Steps = [.. begun.Runbook.Steps.Select(step => new StepState(step))];
        _byId = Steps.ToDictionary(step => step.Step.Id);
    }

    public RunEvent.Begun Begun { get; }

    public DateTimeOffset BegunAt { get; }

    /// <summary><c>user@host</c>.</summary>
    public string BegunBy { get; }

    /// <summary>The last entry that is in here.</summary>
    public LedgerHead Head { get; private set; }

    /// <summary>In the order of the runbook.</summary>
    public IReadOnlyList<StepState> Steps { get; }

    /// <summary>Empty: nobody has led it yet.</summary>
    public string Leader { get; private set; } = "";

    public string LeaderPlace { get; private set; } = "";

    /// <summary>As <see cref="RunEvent.Led.Process"/>.</summary>
    public string? LeaderProcess { get; private set; }

    /// <summary>When the leader took the lead, by its clock. Null: nobody has led it yet.</summary>
    public DateTimeOffset? LedAt { get; private set; }

    /// <summary>Of the leader's newest entry, by its clock.</summary>
    public DateTimeOffset LeaderSeenAt { get; private set; }

    /// <summary>Null: nobody has aborted it.</summary>
    public RunVerb? Abort { get; private set; }

    public RunEvent.Steady? SteadyState { get; private set; }

    /// <summary>Null: not at its end.</summary>
    public RunResult? Result { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>All that people have said and that counted, in its order.</summary>
    public IReadOnlyList<RunWord> Words { get; private set; } = [];

    /// <summary>Words against the rules that nobody has reviewed yet.</summary>
    public IReadOnlyList<RunWord> Unreviewed =>
        [
            .. Words
                .Reverse()
                .TakeWhile(word => word.Kind != RunVerbKind.Review)
                .Where(word => word.IsBreakGlass)
                .Reverse(),
        ];

    /// <returns>What was said by this key and counted; null: nothing was.</returns>
    public RunVerb? FindSaid(string key) => _said.GetValueOrDefault(key);

    /// <summary>No step starts any more: it was aborted, or is a drill that has failed.</summary>
    public bool IsStopping =>
        Abort is not null
        || (Begun.IsDrill && Steps.Any(step => step.Status is StepStatus.Failed or StepStatus.Unknown));

    /// <summary>What a person has to decide or do before the run goes on. Steps that can go on without are no matter.</summary>
    public IReadOnlyList<PersonWait> Waits => Result is null ? [.. Steps.Select(WaitOf).OfType<PersonWait>()] : [];

    /// <returns>Null when the entry does not begin a run that this program can read.</returns>
    public static RunState? TryBegin(LedgerEntry entry) =>
        RunEventReader.TryRead(entry) is RunEvent.Begun begun ? new RunState(begun, entry) : null;

    public StepState? FindStep(StepId id) => _byId.GetValueOrDefault(id);

    /// <summary>All that it needs is settled.</summary>
    public bool IsFree(StepState step) => step.Step.Needs.All(need => _byId[need].IsSettled);

    /// <summary>In a drill nobody is asked: nothing is touched that has to be guarded.</summary>
    public bool LacksApproval(StepState step) =>
        step.Step.Approval is not null && step.Approval is null && !Begun.IsDrill;

    public void Apply(LedgerEntry entry)
    {
        Head = entry.Head;
        var happened = RunEventReader.TryRead(entry);
        if (Result is not null && happened is not RunEvent.Said { Verb.Kind: RunVerbKind.Review })
            return;
        switch (happened)
        {
            case RunEvent.Led led:
                if (Leader.Length > 0)
                    Words = [.. Words, RunWord.Of(led, entry)];
                (Leader, LeaderPlace, LeaderProcess) = (led.Leader, led.Place, led.Process);
                (LedAt, LeaderSeenAt) = (entry.Time, entry.Time);
                break;
            case RunEvent.Alive(var leader) when leader == Leader:
                LeaderSeenAt = entry.Time;
                break;
            case RunEvent.Intent intent when intent.Leader == Leader && FindStep(intent.Step) is { } step:
                Apply(intent, step, entry);
                break;
            case RunEvent.Outcome outcome when outcome.Leader == Leader && FindStep(outcome.Step) is { } step:
                Apply(outcome, step, entry);
                break;
            case RunEvent.Steady steady when steady.Leader == Leader:
                SteadyState = steady;
                break;
            case RunEvent.Ended ended when ended.Leader == Leader:
                (Result, EndedAt) = (ended.Result, entry.Time);
                break;
            case RunEvent.Said(var verb) when RunRules.Refuses(this, verb) is null:
                Words = [.. Words, RunWord.Of(verb, entry)];
                Apply(verb);
                break;
            default:
                break; // of somebody who leads no more, a word that came too late, or of a newer program
        }
    }

    public static string NameOf(RunResult result) =>
        result switch
        {
            RunResult.Completed => "completed",
            RunResult.Aborted => "aborted",
            RunResult.Failed => "failed",
        };

    internal static RunResult? TryResult(string name)
    {
        foreach (var result in Enum.GetValues<RunResult>())
            if (NameOf(result) == name)
                return result;
        return null;
    }

    private void Apply(RunEvent.Intent intent, StepState step, LedgerEntry entry)
    {
        LeaderSeenAt = entry.Time;
        step.IntentLeader = intent.Leader;
        if (intent.IsUndo)
        {
            (step.Undo, step.UndoAttempts) = (UndoStatus.Running, intent.Attempt);
            return;
        }
        if (step.Attempts == 0)
            step.Before = intent.Before;
        (step.Status, step.Attempts) = (StepStatus.Running, intent.Attempt);
        (step.WasTouched, step.IsTouched) = (step.IsTouched, true);
        (step.StartedAt, step.EndedAt) = (entry.Time, null);
    }

    private void Apply(RunEvent.Outcome outcome, StepState step, LedgerEntry entry)
    {
        LeaderSeenAt = entry.Time;
        if (outcome.IsUndo)
        {
            step.UndoReport = outcome.Report;
            step.Undo = outcome.Report.Result switch
            {
                StepResult.Done => UndoStatus.Done,
                StepResult.Repeat => UndoStatus.None,
                StepResult.Skipped => UndoStatus.Skipped,
                StepResult.Failed or StepResult.Unknown => UndoStatus.Failed,
            };
            return;
        }
        (step.Report, step.EndedAt, step.SettledSeq) = (outcome.Report, entry.Time, entry.Seq);
        // Only who wrote the intent knows that the effect never began; who comes after a crash does not.
        if (outcome.Report.Result == StepResult.Repeat && outcome.Leader == step.IntentLeader)
            step.IsTouched = step.WasTouched;
        step.Status = outcome.Report.Result switch
        {
            StepResult.Done => StepStatus.Done,
            StepResult.Skipped => StepStatus.Skipped,
            StepResult.Repeat => StepStatus.Waiting,
            StepResult.Failed => step.Step.IsCritical ? StepStatus.Failed : StepStatus.PassedOver,
            StepResult.Unknown => step.Step.IsCritical ? StepStatus.Unknown : StepStatus.PassedOver,
        };
    }

    private void Apply(RunVerb verb)
    {
        if (verb.Key is { } key)
            _said.TryAdd(key, verb);
        if (verb.Kind == RunVerbKind.Abort)
        {
            Abort = verb;
            return;
        }
        if (verb.Step is not { } id || FindStep(id) is not { } step)
            return;
        if (step.Undo == UndoStatus.Failed)
            step.Undo = verb.Kind switch
            {
                RunVerbKind.Retry => UndoStatus.None,
                RunVerbKind.Done => UndoStatus.Done,
                RunVerbKind.Skip => UndoStatus.Skipped,
                RunVerbKind.Approve or RunVerbKind.Reject or RunVerbKind.Abort or RunVerbKind.Review => step.Undo,
            };
        else
            ApplyToStep(verb, step);
    }

    private static void ApplyToStep(RunVerb verb, StepState step)
    {
        switch (verb.Kind)
        {
            case RunVerbKind.Approve:
                step.Approval = verb;
                if (step.Status == StepStatus.Rejected)
                    step.Status = StepStatus.Waiting;
                break;
            case RunVerbKind.Reject:
                step.Status = StepStatus.Rejected;
                break;
            case RunVerbKind.Retry:
                step.Status = StepStatus.Waiting;
                break;
            case RunVerbKind.Skip:
                step.Status = StepStatus.Skipped;
                break;
            case RunVerbKind.Done:
                step.Status = StepStatus.DoneByHand;
                break;
            case RunVerbKind.Abort or RunVerbKind.Review:
                break;
        }
    }

    private PersonWait? WaitOf(StepState step)
    {
        if (step.Undo == UndoStatus.Failed)
            return new PersonWait(step.Step, WaitFor.UndoDecision);
        if (IsStopping)
            return null;
        return step.Status switch
        {
            StepStatus.Failed or StepStatus.Unknown or StepStatus.Rejected => new PersonWait(
                step.Step,
                WaitFor.Decision
            ),
            StepStatus.Waiting when IsFree(step) && LacksApproval(step) => new PersonWait(step.Step, WaitFor.Approval),
            StepStatus.Waiting when IsFree(step) && step.Step.Action.IsForPeople && !Begun.IsDrill => new PersonWait(
                step.Step,
                WaitFor.Hands
            ),
            StepStatus.Waiting
            or StepStatus.Running
            or StepStatus.Done
            or StepStatus.DoneByHand
            or StepStatus.Skipped
            or StepStatus.PassedOver => null,
        };
    }
}

public enum WaitFor
{
    Approval,

    /// <summary>Retry, skip, done by hand or abort.</summary>
    Decision,

    /// <summary>The step is a person's work.</summary>
    Hands,

    /// <summary>As <see cref="Decision"/>, about an undo.</summary>
    UndoDecision,
}

/// <summary>A step that a person keeps waiting.</summary>
public sealed record PersonWait(RunbookStep Step, WaitFor For);
