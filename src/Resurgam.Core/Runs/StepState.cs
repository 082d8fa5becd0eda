using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public enum StepStatus
{
    /// <summary>Not started; what it needs, an approval or a person may be missing.</summary>
    Waiting,

    /// <summary>There is an intent without an outcome.</summary>
    Running,

    Done,

    /// <summary>A person did it.</summary>
    DoneByHand,

    /// <summary>By a person, or because this is a drill.</summary>
    Skipped,

    /// <summary>It failed and is not critical.</summary>
    PassedOver,

    /// <summary>A person decides what becomes of it.</summary>
    Failed,

    /// <summary>As <see cref="Failed"/>, and nobody can tell whether the effect is there.</summary>
    Unknown,

    /// <summary>A person refused its approval.</summary>
    Rejected,
}

public enum UndoStatus
{
    None,
    Running,
    Done,

    /// <summary>A person decides what becomes of it.</summary>
    Failed,

    /// <summary>A person said so.</summary>
    Skipped,
}

/// <summary>How a step stands.</summary>
public sealed class StepState(RunbookStep step)
{
    public RunbookStep Step => step;

    public StepStatus Status { get; internal set; }

    public UndoStatus Undo { get; internal set; }

    /// <summary>Attempts that began.</summary>
    public int Attempts { get; internal set; }

    public int UndoAttempts { get; internal set; }

    /// <summary>The word that lets it start. Null: none yet.</summary>
    public RunVerb? Approval { get; internal set; }

    /// <summary>Who began what is running.</summary>
    public string IntentLeader { get; internal set; } = "";

    /// <summary>What was noted before the first attempt.</summary>
    public ValueList<StepNote> Before { get; internal set; } = [];

    /// <summary>Of the newest attempt that ended. Null: none did.</summary>
    public StepReport? Report { get; internal set; }

    /// <summary>Of its undo.</summary>
    public StepReport? UndoReport { get; internal set; }

    /// <summary>Of the newest attempt, by its leader's clock.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Place of the outcome in the stream: what was done last is undone first.</summary>
    internal long SettledSeq { get; set; }

    /// <summary>An attempt began, and may have had its effect: also one that was cut off and waits to be repeated.</summary>
    internal bool IsTouched { get; set; }

    /// <summary>As <see cref="IsTouched"/>, before the newest attempt.</summary>
    internal bool WasTouched { get; set; }

    /// <summary>What needs it may start.</summary>
    public bool IsSettled =>
        Status is StepStatus.Done or StepStatus.DoneByHand or StepStatus.Skipped or StepStatus.PassedOver;

    public bool IsRunning => Status == StepStatus.Running || Undo == UndoStatus.Running;

    /// <summary>An effect of ours is, or may be, there, and something can take it away.</summary>
    internal bool CanBeUndone(bool isDrill) =>
        IsTouched
        && Status is not (StepStatus.Running or StepStatus.DoneByHand or StepStatus.Skipped)
        && !step.IsIrreversible
        && !step.Action.IsHarmless
        && (step.Undo is not null || step.IsUndoneByAction(isDrill));
}
