using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The world that steps act on. Thread-safe: steps run at the same time.</summary>
public interface IStepWork
{
    /// <summary>What the step would touch now, and what its undo has to know of how it was. Changes nothing.</summary>
    /// <exception cref="Problems.ResurgamException">It cannot be asked.</exception>
    Task<StepReport> LookAsync(StepCall stepCall, CancellationToken cancellationToken);

    /// <summary>The effect, up to where the action itself sees that it is there; or its undo.</summary>
    /// <exception cref="Problems.ResurgamException">It is not there; parts of it may be.</exception>
    Task<StepReport> ActAsync(StepCall stepCall, CancellationToken cancellationToken);

    /// <summary>Whether the effect of an attempt that was cut off is there. Changes nothing.</summary>
    /// <returns>Null: it cannot be told.</returns>
    /// <exception cref="Problems.ResurgamException">It cannot be asked.</exception>
    Task<bool?> ProbeAsync(StepCall stepCall, CancellationToken cancellationToken);

    /// <exception cref="Problems.ResurgamException">It cannot be asked.</exception>
    Task<ConditionReport> AskAsync(Condition condition, StepCall stepCall, CancellationToken cancellationToken);
}

/// <summary>One attempt at a step, or at its undo.</summary>
public sealed record StepCall
{
    public required RunId Run { get; init; }

    public required RunbookStep Step { get; init; }

    /// <summary>The step's, or what undoes it.</summary>
    public required StepAction Action { get; init; }

    /// <summary>From 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The attempt before was cut off, and this one goes on from wherever that came to.</summary>
    public bool IsResumed { get; init; }

    public bool IsUndo { get; init; }

    public bool IsDrill { get; init; }

    /// <summary>Recovery point of the run; null: the latest.</summary>
    public string? At { get; init; }

    /// <summary>In a drill those that take the others' places, and no others.</summary>
    public required ValueList<Target> Targets { get; init; }

    /// <summary>What was noted before the first attempt, and by the newest: what an undo goes by.</summary>
    public ValueList<StepNote> Notes { get; init; } = [];

    /// <returns>Null when it was not noted.</returns>
    public string? FindNote(string name) => Notes.FirstOrDefault(note => note.Name == name)?.Value;

    /// <summary>For the effect, or for its undo.</summary>
    internal static StepCall Of(RunId run, RunState state, StepState step, bool isUndo) =>
        new()
        {
            Run = run,
            Step = step.Step,
            Action = isUndo ? step.Step.Undo ?? step.Step.Action : step.Step.Action,
            Attempt = Math.Max(1, isUndo ? step.UndoAttempts : step.Attempts),
            IsResumed = (isUndo ? step.UndoReport : step.Report)?.Result == StepResult.Repeat,
            IsUndo = isUndo,
            IsDrill = state.Begun.IsDrill,
            At = state.Begun.At,
            Targets = TargetsOf(state.Begun),
            Notes = [.. step.Before, .. step.Report?.Notes ?? []],
        };

    /// <summary>The same for a dry run.</summary>
    public static StepCall Planned(RunEvent.Begun run, RunbookStep step) =>
        new()
        {
            Run = new RunId("dry-run"),
            Step = step,
            Action = step.Action,
            Attempt = 1,
            IsDrill = run.IsDrill,
            At = run.At,
            Targets = TargetsOf(run),
        };

    /// <summary>The same without a run.</summary>
    public static StepCall Planned(ValueList<Target> targets, RunbookStep step) =>
        new()
        {
            Run = new RunId("dry-run"),
            Step = step,
            Action = step.Action,
            Attempt = 1,
            Targets = targets,
        };

    private static ValueList<Target> TargetsOf(RunEvent.Begun run) =>
        run.IsDrill ? [.. run.Targets.Select(target => target.Drill).OfType<Target>()] : run.Targets;
}

/// <param name="What">What was found, as a phrase.</param>
public sealed record ConditionReport(bool Holds, string What);
