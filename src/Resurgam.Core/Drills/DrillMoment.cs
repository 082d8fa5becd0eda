using Resurgam.Core.Ledgers;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Drills;

/// <summary>One line of a drill's timeline.</summary>
/// <param name="After">Since the fault; negative before it. Null: no fault was injected.</param>
/// <param name="Kind"><c>begin</c>, <c>lead</c>, <c>fault</c>, <c>step</c>, <c>undo</c>, <c>word</c>, <c>recovered</c> or <c>end</c>.</param>
/// <param name="Who">A person, or the user and machine that wrote the entry.</param>
public sealed record DrillMoment(DateTimeOffset At, TimeSpan? After, string Kind, string What, string Who)
{
    internal static IEnumerable<DrillMoment> Of(
        IReadOnlyList<(LedgerEntry Entry, RunEvent? Event)> events,
        Rehearsal rehearsal,
        RunState state,
        DateTimeOffset? faultAt
    )
    {
        foreach (var (entry, happened) in events)
        {
            if (Recovered(happened) is { } since)
                yield return new DrillMoment(
                    since,
                    since - faultAt,
                    "recovered",
                    "all conditions hold, and held from here on",
                    entry.Actor
                );
            if (happened is not null && TryTell(happened, rehearsal, state) is var (kind, what, who))
                yield return new DrillMoment(entry.Time, entry.Time - faultAt, kind, what, who ?? entry.Actor);
        }
    }

    private static DateTimeOffset? Recovered(RunEvent? happened) =>
        happened is RunEvent.Outcome { Report.Result: StepResult.Done, IsUndo: false } outcome
        && outcome.Step == DrillComposition.Hold
            ? DrillReport.TimeOf(outcome.Report.FindNote(StepAction.Hold.SinceNote))
            : null;

    /// <summary>A run in earnest keeps what it did, unless it was aborted with an undo.</summary>
    private static string UndoneOf(RunState state)
    {
        if (!state.Begun.IsDrill && state.Abort is not { KeepsEffects: false })
            return "at its end";
        var left = state.Steps.Where(step => step.Undo is UndoStatus.Skipped or UndoStatus.Failed).ToList();
        return left.Count == 0
            ? "all is undone"
            : $"undone but for {string.Join(", ", left.Select(step => step.Step.Id))}";
    }

    private static (string Kind, string What, string? Who)? TryTell(
        RunEvent happened,
        Rehearsal rehearsal,
        RunState state
    )
    {
        switch (happened)
        {
            case RunEvent.Begun begun:
                return ("begin", $"begun: {begun.Reason}", begun.Requester);
            case RunEvent.Led led:
                return ("lead", $"led by {led.Place}", led.Person);
            case RunEvent.Intent { IsUndo: false } intent when rehearsal.Faults.Contains(intent.Step):
                return ("fault", $"{intent.Step}: {state.FindStep(intent.Step)?.Step.Action.Describe()}", null);
            case RunEvent.Outcome outcome when outcome.Report.Result != StepResult.Skipped || outcome.IsUndo:
                return (
                    outcome.IsUndo ? "undo"
                    : rehearsal.Faults.Contains(outcome.Step) ? "fault"
                    : "step",
                    $"{(outcome.IsUndo ? "undo of " : "")}{outcome.Step} {StepReport.NameOf(outcome.Report.Result)}: {outcome.Report.What}",
                    null
                );
            case RunEvent.Said(var verb):
                return (
                    "word",
                    $"{RunVerb.NameOf(verb.Kind)}{(verb.Step is { } step ? $" {step}" : "")}: {verb.Reason}",
                    verb.Person
                );
            case RunEvent.Steady steady:
                return ("step", $"{(steady.Holds ? "steady" : "not steady")} after the undo: {steady.What}", null);
            case RunEvent.Ended ended:
                return ("end", $"{UndoneOf(state)}: {RunState.NameOf(ended.Result)}", null);
            default:
                return null;
        }
    }
}
