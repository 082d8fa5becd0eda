using System.Globalization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Drills;

/// <summary>What came of a drill: nothing but a function of the entries of its run.</summary>
/// <param name="Run">Name of the run, and of its stream in the ledger.</param>
/// <param name="Plan">Hash of the plan that it went by.</param>
/// <param name="Places">Machines and processes that led it, in their order.</param>
/// <param name="From">The replica that restores read; null: the vault's own place.</param>
/// <param name="FaultAt">When the clock began: right before the first fault. Null: it did not come so far.</param>
/// <param name="RecoveredAt">Since when all conditions have held until the end. Null: they have not.</param>
/// <param name="EndedAt">When all was undone. Null: it is not at its end.</param>
/// <param name="Reasons">Why it did not pass, the first cause first; empty when it did.</param>
/// <param name="Loss">Null: not measured.</param>
public sealed record DrillReport(
    string Run,
    string Drill,
    string Title,
    string Scenario,
    string Plan,
    string Requester,
    string Reason,
    IReadOnlyList<string> Places,
    string? From,
    DateTimeOffset BegunAt,
    DateTimeOffset? FaultAt,
    DateTimeOffset? RecoveredAt,
    DateTimeOffset? EndedAt,
    bool Passed,
    IReadOnlyList<string> Reasons,
    TimeSpan? Recovery,
    TimeSpan? Loss,
    TimeSpan HeldFor,
    IReadOnlyList<DrillObjective> Objectives,
    DrillDeviation Prediction,
    IReadOnlyList<string> Success,
    IReadOnlyList<DrillStep> Steps,
    IReadOnlyList<DrillMoment> Timeline
)
{
    /// <param name="entries">All of the run's stream, in its order.</param>
    /// <param name="past">Earlier drills of the same name, oldest first.</param>
    /// <returns>Null when the run is no drill of the plan.</returns>
    public static DrillReport? TryOf(RunState state, IReadOnlyList<LedgerEntry> entries, IEnumerable<DrillRecord> past)
    {
        if (state.Begun.Rehearsal is not { } rehearsal)
            return null;
        var events = EventsOf(entries);
        var faultAt = ClockStart(rehearsal, state, events);
        DrillMeasures measured = new(faultAt, RecoveredAtOf(rehearsal, state))
        {
            MeasuresLoss = state.FindStep(DrillComposition.After) is not null,
            Loss = LossOf(state, faultAt),
        };
        return Of(rehearsal, state, events, measured) with
        {
            Prediction = DrillDeviation.Of(rehearsal.Prediction, measured.Recovery, past),
        };
    }

    /// <summary>Of a run in earnest: what broke came from outside, and who saw it has measured.</summary>
    public static DrillReport OfRun(
        Rehearsal rehearsal,
        RunState state,
        IReadOnlyList<LedgerEntry> entries,
        DrillMeasures measured
    )
    {
        var report = Of(rehearsal, state, EventsOf(entries), measured);
        return report with { Timeline = [.. report.Timeline.Concat(measured.Moments).OrderBy(moment => moment.At)] };
    }

    private static DrillReport Of(
        Rehearsal rehearsal,
        RunState state,
        IReadOnlyList<(LedgerEntry Entry, RunEvent? Event)> events,
        DrillMeasures measured
    )
    {
        var run = state.Head.Stream.Value[(state.Head.Stream.Value.IndexOf('.', StringComparison.Ordinal) + 1)..];
        IReadOnlyList<DrillObjective> objectives = [.. ObjectivesOf(rehearsal, measured)];
        ValueList<string> reasons = [.. ReasonsOf(state, objectives)];
        return new DrillReport(
            run,
            rehearsal.Drill,
            rehearsal.Title,
            rehearsal.Scenario,
            state.Begun.PlanHash,
            state.Begun.Requester,
            state.Begun.Reason,
            [.. events.Select(one => (one.Event as RunEvent.Led)?.Place).OfType<string>()],
            rehearsal.From,
            state.BegunAt,
            measured.FaultAt,
            measured.RecoveredAt,
            state.EndedAt,
            state.Result == RunResult.Completed && reasons.Count == 0,
            reasons,
            measured.Recovery,
            measured.Loss,
            rehearsal.HoldFor,
            objectives,
            DrillDeviation.Of(rehearsal.Prediction, measured.Recovery, []),
            rehearsal.Success,
            [
                .. state.Steps.Select(step =>
                    DrillStep.Of(step, rehearsal.Faults.Contains(step.Step.Id), measured.FaultAt)
                ),
            ],
            [.. DrillMoment.Of(events, rehearsal, state, measured.FaultAt)]
        );
    }

    private static IReadOnlyList<(LedgerEntry Entry, RunEvent? Event)> EventsOf(IReadOnlyList<LedgerEntry> entries) =>
        [.. entries.Select(entry => (entry, RunEventReader.TryRead(entry)))];

    public DrillEnding ToEnding(string json) =>
        new(Passed, [.. Reasons], Recovery, Loss, Prediction.Predicted) { Report = json };

    /// <summary>Right before the first fault; without one, right before the first step of the runbook itself.</summary>
    private static DateTimeOffset? ClockStart(
        Rehearsal rehearsal,
        RunState state,
        IReadOnlyList<(LedgerEntry Entry, RunEvent? Event)> events
    )
    {
        var begins = events
            .Where(one => one.Event is RunEvent.Intent { IsUndo: false })
            .Select(one => (one.Entry.Time, Id: (one.Event as RunEvent.Intent)?.Step ?? default))
            .ToList();
        var faults = begins
            .Where(one => state.FindStep(one.Id) is not null && rehearsal.Faults.Contains(one.Id))
            .ToList();
        if (faults.Count > 0)
            return faults[0].Time;
        // A drill that breaks something and never came so far has no clock.
        if (rehearsal.Faults.Count > 0)
            return null;
        var own = begins.Where(one => !IsOurs(rehearsal, one.Id)).ToList();
        return own.Count > 0 ? own[0].Time : null;
    }

    private static bool IsOurs(Rehearsal rehearsal, StepId id) =>
        rehearsal.Prepared.Contains(id)
        || id == DrillComposition.Well
        || id == DrillComposition.Before
        || id == DrillComposition.Hold
        || id == DrillComposition.After;

    /// <summary>Since when all conditions hold; without conditions, the end of the last step of the runbook.</summary>
    private static DateTimeOffset? RecoveredAtOf(Rehearsal rehearsal, RunState state)
    {
        if (state.FindStep(DrillComposition.Hold) is { } hold)
            return hold.Status == StepStatus.Done ? TimeOf(hold.Report?.FindNote(StepAction.Hold.SinceNote)) : null;
        return state.Steps.All(step => step.IsSettled)
            ? state.Steps.Where(step => !IsOurs(rehearsal, step.Step.Id)).Max(step => step.EndedAt)
            : null;
    }

    /// <summary>What the newest data lacks of what was there before. Null: not asked, or not answered by a time.</summary>
    private static TimeSpan? LossOf(RunState state, DateTimeOffset? faultAt)
    {
        if (ValueOf(DrillComposition.After) is not { } after)
            return null;
        var before = state.FindStep(DrillComposition.Before) is null ? faultAt : ValueOf(DrillComposition.Before);
        return before - after is { } loss ? (loss > TimeSpan.Zero ? loss : TimeSpan.Zero) : null;

        DateTimeOffset? ValueOf(StepId id) =>
            TimeOf(state.FindStep(id)?.Report?.FindNote(StepAction.Measure.ValueNote));
    }

    /// <summary>A time as PostgreSQL or RFC 3339 has it, else seconds since 1970.</summary>
    internal static DateTimeOffset? TimeOf(string? text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return seconds is > -6e10 and < 2e11 ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds) : null;
        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
    }

    private static IEnumerable<DrillObjective> ObjectivesOf(Rehearsal rehearsal, DrillMeasures measured)
    {
        if (rehearsal.Rto is { } rto)
            yield return new DrillObjective(
                "RTO",
                rto,
                measured.Recovery,
                measured.Recovery is { } took && took <= rto
            );
        if (rehearsal.Rpo is { } rpo)
            yield return new DrillObjective(
                "RPO",
                rpo,
                measured.Loss,
                measured.MeasuresLoss ? measured.Loss is { } lost && lost <= rpo : null
            );
    }

    private static IEnumerable<string> ReasonsOf(RunState state, IReadOnlyList<DrillObjective> objectives)
    {
        if (state.Abort is { } abort)
            yield return $"aborted by {abort.Person}: {abort.Reason}";
        foreach (var step in state.Steps.OrderBy(step => step.EndedAt ?? DateTimeOffset.MaxValue))
            if (step.Status is StepStatus.Failed or StepStatus.Unknown)
                yield return $"{step.Step.Id}: {step.Report?.What ?? RunRules.NameOf(step.Status)}";
        // What stopped the drill is told; that it therefore met no objective goes without saying.
        if (!state.IsStopping)
            foreach (var objective in objectives)
                if (objective.IsMet == false)
                    yield return objective.Measured is { } measured
                        ? $"{objective.Name} missed: {Duration.Rough(measured)}, promised {Duration.Rough(objective.Promised)}"
                        : $"{objective.Name} was not measured, promised {Duration.Rough(objective.Promised)}";
        if (state.SteadyState is { Holds: false } steady)
            yield return $"after all was undone: {steady.What}";
        foreach (var step in state.Steps)
            if (step.Undo is UndoStatus.Failed or UndoStatus.Skipped)
                yield return $"{step.Step.Id} was not undone: {step.UndoReport?.What ?? "left as it is"}";
        if (state.Result is null)
            yield return "it is not at its end";
    }
}

/// <param name="Name"><c>RTO</c> or <c>RPO</c>.</param>
/// <param name="Measured">Null: it could not be, or nothing measures it.</param>
/// <param name="IsMet">Null: nothing of this drill measures it.</param>
public sealed record DrillObjective(string Name, TimeSpan Promised, TimeSpan? Measured, bool? IsMet);

/// <summary>How good the prediction was.</summary>
/// <param name="Drills">Drills that it was learned from; 0: it is by the estimates of the runbook.</param>
/// <param name="ErrorPercent">What the prediction was off by, of what was measured. Null: nothing was measured, or the prediction was by estimates.</param>
public sealed record DrillDeviation(
    TimeSpan Predicted,
    TimeSpan Least,
    TimeSpan Most,
    int Drills,
    TimeSpan? Measured,
    double? ErrorPercent,
    IReadOnlyList<DrillComparison> Past
)
{
    /// <summary>Earlier drills that are shown beside this one.</summary>
    private const int MostShown = 12;

    internal static DrillDeviation Of(DrillPrediction prediction, TimeSpan? measured, IEnumerable<DrillRecord> past) =>
        new(
            prediction.Likely,
            prediction.Least,
            prediction.Most,
            prediction.Drills,
            measured,
            prediction.Drills > 0 ? ErrorOf(prediction.Likely, measured) : null,
            Compare(past)
        );

    /// <param name="past">All, oldest first. Up to the first one that was measured, predictions were by estimates.</param>
    public static IReadOnlyList<DrillComparison> Compare(IEnumerable<DrillRecord> past)
    {
        List<DrillComparison> compared = [];
        var isLearned = false;
        foreach (var (begunAt, ending) in past.Select(record => (record.BegunAt, record.Ending)))
            if (ending is not null)
            {
                compared.Add(
                    new DrillComparison(
                        begunAt,
                        ending.Passed,
                        ending.Predicted,
                        ending.Recovery,
                        isLearned ? ErrorOf(ending.Predicted, ending.Recovery) : null
                    )
                );
                isLearned |= ending.Recovery is not null;
            }
        return [.. compared.TakeLast(MostShown)];
    }

    private static double? ErrorOf(TimeSpan? predicted, TimeSpan? measured) =>
        predicted is { } expected && measured is { } real && real > TimeSpan.Zero
            ? Math.Round(100 * (expected - real).Duration() / real, 1)
            : null;
}

/// <summary>An earlier drill: what was predicted for it, and what was measured.</summary>
public sealed record DrillComparison(
    DateTimeOffset At,
    bool Passed,
    TimeSpan? Predicted,
    TimeSpan? Measured,
    double? ErrorPercent
);

/// <param name="IsFault">It breaks something on purpose.</param>
/// <param name="StartsAfter">Since the fault; negative before it. Null: it did not start, or there was no fault.</param>
/// <param name="Undo">Null: it was not undone.</param>
public sealed record DrillStep(
    string Step,
    string Title,
    string Action,
    bool IsFault,
    string Status,
    TimeSpan? StartsAfter,
    TimeSpan? Took,
    string? What,
    string? Undo
)
{
    internal static DrillStep Of(StepState step, bool isFault, DateTimeOffset? faultAt) =>
        new(
            step.Step.Id.Value,
            step.Step.Title,
            step.Step.Action.Describe(),
            isFault,
            RunRules.NameOf(step.Status),
            step.StartedAt - faultAt,
            step.EndedAt - step.StartedAt,
            step.Report?.What,
            step.Undo switch
            {
                UndoStatus.None => null,
                UndoStatus.Running => "running",
                UndoStatus.Done => step.UndoReport?.What ?? "done",
                UndoStatus.Failed => $"failed: {step.UndoReport?.What}",
                UndoStatus.Skipped => "left as it is",
            }
        );
}
