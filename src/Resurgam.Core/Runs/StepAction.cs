using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>
/// What a step does: its kind and its inputs. Closed: each kind is a nested record in a file of its own below
/// <c>Actions</c>, and <see cref="ActionForms"/> lists them.
/// </summary>
public abstract partial record StepAction
{
    private StepAction() { }

    /// <summary>As the plan's key <c>action</c> has it.</summary>
    public abstract string Kind { get; }

    /// <summary>What it acts on; null when that is nothing of the plan's targets.</summary>
    public virtual TargetId? Target => null;

    /// <summary>Kinds of targets that it can act on.</summary>
    internal virtual IReadOnlyList<string> TargetKinds => [];

    /// <summary>An asset of the plan that it names, or null.</summary>
    public virtual string? Asset => null;

    /// <summary>Done twice it leaves what done once leaves: after a crash it may simply be done again.</summary>
    public abstract bool IsIdempotent { get; }

    /// <summary>Only looks: there is nothing to undo.</summary>
    public virtual bool IsHarmless => false;

    /// <summary>Reaches people or systems outside of what a drill may touch: refused there.</summary>
    public virtual bool IsOutward => false;

    /// <summary>What it touches is known from the plan, so that a drill can put something else in its place.</summary>
    public virtual bool IsBound => true;

    /// <summary>The action undoes itself, when the step names no other way.</summary>
    public virtual bool UndoesItself => false;

    /// <summary>The same in a drill, where all that it made is there for the drill alone.</summary>
    public virtual bool UndoesItselfInDrill => UndoesItself;

    /// <summary>Breaks something on purpose: only a drill does that, and only to what is there for drills.</summary>
    public virtual bool IsFault => false;

    /// <summary>Conditions that it asks by itself.</summary>
    public virtual ValueList<Condition> Conditions => [];

    /// <summary>Only a person ends it: there is no effect of ours.</summary>
    public virtual bool IsForPeople => false;

    /// <summary>What it does, for people: a phrase without a full stop and without secrets.</summary>
    public abstract string Describe();
}
