using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>One action of a runbook, and all that is promised about it.</summary>
public sealed record RunbookStep
{
    public required StepId Id { get; init; }

    public required string Title { get; init; }

    public required StepAction Action { get; init; }

    /// <summary>Steps that are settled before this one starts.</summary>
    public ValueList<StepId> Needs { get; init; } = [];

    /// <summary>Must hold before the effect. Null: nothing is asked.</summary>
    public Condition? Precondition { get; init; }

    /// <summary>Must come to hold within the timeout: only then is the step done. Null: what the action itself checks.</summary>
    public Condition? Postcondition { get; init; }

    /// <summary>Undoes the effect. Null: what the action itself can undo, or nothing.</summary>
    public StepAction? Undo { get; init; }

    public bool IsIrreversible { get; init; }

    /// <summary>Its action can take the effect away by itself, and no undo of the plan does.</summary>
    public bool IsUndoneByAction(bool isDrill) =>
        Undo is null && !IsIrreversible && (isDrill ? Action.UndoesItselfInDrill : Action.UndoesItself);

    /// <summary>Of one attempt, with its postcondition.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Null: unknown.</summary>
    public TimeSpan? Estimate { get; init; }

    public Risk Risk { get; init; }

    /// <summary>Null: the step starts without a person's word.</summary>
    public ApprovalRule? Approval { get; init; }

    /// <summary>As written. Null: by the kind of the action.</summary>
    public DrillBehaviour? Drill { get; init; }

    /// <summary>False: when it fails the run goes on without it.</summary>
    public bool IsCritical { get; init; } = true;

    /// <summary>What the step does in a drill. What goes outward never runs there, whatever the plan says.</summary>
    public DrillBehaviour InDrill =>
        Action.IsOutward ? DrillBehaviour.Skip : Drill ?? (Action.IsBound ? DrillBehaviour.Run : DrillBehaviour.Skip);

    /// <summary>Why a drill does nothing in its place, for people. Null: it does it.</summary>
    public string? WhyNotInDrill =>
        InDrill == DrillBehaviour.Run ? null
        : Action.IsOutward ? "it reaches people or systems outside"
        : Action.IsForPeople ? "a person does it by hand"
        : Drill == DrillBehaviour.Skip ? "the plan leaves it out"
        : "what it touches has no place of its own in a drill";

    /// <summary>It is done there, and not only passed over or taken for approved.</summary>
    public bool TakesTimeInDrill =>
        InDrill == DrillBehaviour.Run && Action is not StepAction.Approve && !Action.IsForPeople;
}

public enum Risk
{
    Low,
    Medium,
    High,
}

/// <summary>What a step does in a drill.</summary>
public enum DrillBehaviour
{
    /// <summary>The same as always, on the targets of the drill.</summary>
    Run,

    /// <summary>Nothing; what needs it goes on.</summary>
    Skip,
}

/// <summary>Who may let a step start.</summary>
public sealed record ApprovalRule
{
    /// <summary>Names of people. Empty: anybody.</summary>
    public ValueList<string> By { get; init; } = [];

    /// <summary>Who asked for the run may not approve.</summary>
    public bool IsTwoPerson { get; init; }

    /// <returns>Null when the person may; else why not, in words.</returns>
    public string? Refuses(string person, string requester) =>
        By.Count > 0 && !By.Contains(person) ? $"{person} is none of those who may approve it ({string.Join(", ", By)})"
        : IsTwoPerson && person == requester ? $"{person} asked for the run, and another person has to approve"
        : null;
}
