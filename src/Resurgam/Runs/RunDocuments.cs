using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Runs;

/// <summary>What <c>run</c>, <c>runs show</c>, <c>watch</c> and <c>resume</c> print.</summary>
/// <param name="Plan">Hash of the plan that it goes by.</param>
/// <param name="Result"><c>completed</c>, <c>aborted</c> or <c>failed</c>; null while it is not at its end.</param>
/// <param name="State">The result; until then <c>aborting</c>, <c>waiting</c> (for a person) or <c>open</c>.</param>
/// <param name="Leader">Where the process runs that does, or did, the steps.</param>
/// <param name="Waits">What people have to do.</param>
/// <param name="Next">What has to be done so that it comes to its end; null: nothing but what it waits for.</param>
/// <param name="Words">What people have said, in its order: what counted.</param>
/// <param name="Abort">Who has aborted it; null: nobody.</param>
/// <param name="BreakGlass">Those of the words that were against the rules.</param>
/// <param name="Review"><c>wanted</c> while another person has to look at the broken glass, then <c>done</c>; null: no glass was broken.</param>
/// <param name="SteadyState">After everything was undone; null: not asked.</param>
internal sealed record RunDocument(
    string Run,
    string Runbook,
    string Title,
    string Plan,
    bool Drill,
    string? At,
    string Requester,
    string Reason,
    DateTimeOffset BegunAt,
    DateTimeOffset? EndedAt,
    string? Result,
    string State,
    string Leader,
    IReadOnlyList<RunStepView> Steps,
    IReadOnlyList<RunWaitView> Waits,
    string? Next,
    IReadOnlyList<RunWordView> Words,
    RunWordView? Abort,
    IReadOnlyList<RunWordView> BreakGlass,
    string? Review,
    RunSteadyView? SteadyState
)
{
    public static RunDocument Of(RunId run, RunState state) =>
        new(
            run.Value,
            state.Begun.Runbook.Id.Value,
            state.Begun.Runbook.Title,
            state.Begun.PlanHash,
            state.Begun.IsDrill,
            state.Begun.At,
            state.Begun.Requester,
            state.Begun.Reason,
            state.BegunAt,
            state.EndedAt,
            state.Result is { } result ? RunState.NameOf(result) : null,
            StateOf(state),
            state.LeaderPlace,
            [.. state.Steps.Select(step => RunStepView.Of(step))],
            [.. state.Waits.Select(wait => new RunWaitView(wait.Step.Id.Value, NameOf(wait.For), HintOf(run, wait)))],
            NextOf(run, state),
            [.. state.Words.Select(RunWordView.Of)],
            state.Words.FirstOrDefault(word => word.Kind == RunVerbKind.Abort) is { } abort
                ? RunWordView.Of(abort)
                : null,
            [.. state.Words.Where(word => word.IsBreakGlass).Select(RunWordView.Of)],
            ReviewOf(state),
            state.SteadyState is { } steady ? new RunSteadyView(steady.Holds, steady.What) : null
        );

    public static string StateOf(RunState state) =>
        state.Result is { } result ? RunState.NameOf(result)
        : state.Abort is not null ? "aborting"
        : state.Waits.Count > 0 ? "waiting"
        : "open";

    public static string? ReviewOf(RunState state) =>
        state.Unreviewed.Count > 0 ? "wanted"
        : state.Words.Any(word => word.IsBreakGlass) ? "done"
        : null;

    /// <summary>A word is written by whoever says it; what follows from it is done by the process that leads.</summary>
    public static string? NextOf(RunId run, RunState state)
    {
        if (state.Result is not null)
            return null;
        var resume = $"resurgam runs resume {run} --reason TEXT";
        var then = state.Abort switch
        {
            null => "goes on with it",
            { KeepsEffects: true } => "ends it",
            _ => "undoes what was done and ends it",
        };
        return state.Leader.Length == 0 || RunAccess.IsDeadHere(state) ? $"nobody works on it: {resume} {then}"
            : state.Abort is not null ? $"{state.LeaderPlace} {then}; if it is gone: {resume}"
            : null;
    }

    private static string NameOf(WaitFor wait) =>
        wait switch
        {
            WaitFor.Approval => "approval",
            WaitFor.Decision => "decision",
            WaitFor.Hands => "hands",
            WaitFor.UndoDecision => "undo-decision",
        };

    private static string HintOf(RunId run, PersonWait wait) =>
        wait.For switch
        {
            WaitFor.Approval =>
                $"resurgam runs approve {run} {wait.Step.Id} --reason TEXT (or reject){By(wait.Step.Approval)}",
            WaitFor.Decision or WaitFor.UndoDecision =>
                $"resurgam runs retry|skip|done {run} {wait.Step.Id} --reason TEXT, or runs abort {run}",
            WaitFor.Hands =>
                $"{wait.Step.Action.Describe()}; then resurgam runs done {run} {wait.Step.Id} --reason TEXT",
        };

    private static string By(ApprovalRule? rule) =>
        rule is { By.Count: > 0 } ? $", by {string.Join(" or ", rule.By)}" : "";
}

/// <param name="Status">As <c>runs show</c> names it.</param>
/// <param name="Undo">Null: it was not undone.</param>
internal sealed record RunStepView(
    string Step,
    string Title,
    string Action,
    string Status,
    int Attempts,
    string? ApprovedBy,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    string? What,
    string? Undo
)
{
    public static RunStepView Of(StepState step) =>
        new(
            step.Step.Id.Value,
            step.Step.Title,
            step.Step.Action.Describe(),
            RunRules.NameOf(step.Status),
            step.Attempts,
            step.Approval?.Person,
            step.StartedAt,
            step.EndedAt,
            step.Report?.What,
            step.Undo switch
            {
                UndoStatus.None => null,
                UndoStatus.Running => "running",
                UndoStatus.Done => "done",
                UndoStatus.Failed => $"failed: {step.UndoReport?.What}",
                UndoStatus.Skipped => "skipped",
            }
        );
}

/// <param name="For"><c>approval</c>, <c>decision</c>, <c>hands</c> or <c>undo-decision</c>.</param>
internal sealed record RunWaitView(string Step, string For, string Hint);

/// <param name="Word">As in the ledger, without <c>run-</c>; <c>resumed</c>: the person went on with it.</param>
/// <param name="Step">Null: the whole run.</param>
/// <param name="Actor">Who was logged in where it was said.</param>
/// <param name="KeepsEffects">Of an abort: nothing is undone.</param>
internal sealed record RunWordView(
    DateTimeOffset At,
    string Word,
    string? Step,
    string Person,
    string Reason,
    string Actor,
    bool BreakGlass,
    bool KeepsEffects
)
{
    public static RunWordView Of(RunWord word) =>
        new(
            word.At,
            RunWord.NameOf(word.Kind),
            word.Step?.Value,
            word.Person,
            word.Reason,
            word.Actor,
            word.IsBreakGlass,
            word.KeepsEffects
        );
}

internal sealed record RunSteadyView(bool Holds, string What);

/// <summary>What <c>run --dry-run</c> prints.</summary>
/// <param name="Scenario">Null: a runbook was named that is no scenario's.</param>
/// <param name="Predicted">The longest way through the runbook, as <c>status</c> predicts it; of a drill that was measured, from its fault on.</param>
/// <param name="PredictedFromDrills">Drills that this was learned from; 0: it is the longest way.</param>
/// <param name="CriticalPath">The steps of the longest way.</param>
/// <param name="WithoutEstimate">Steps of which nobody knows how long they take.</param>
internal sealed record RunPlanDocument(
    string Runbook,
    string Title,
    string? Scenario,
    bool Drill,
    IReadOnlyList<RunPlanStepView> Steps,
    TimeSpan Predicted,
    TimeSpan PredictedLeast,
    TimeSpan PredictedMost,
    int PredictedFromDrills,
    IReadOnlyList<string> CriticalPath,
    IReadOnlyList<string> WithoutEstimate
);

/// <param name="Now">What the step would touch, as it is now.</param>
/// <param name="Estimate">The plan's. Null: it has none.</param>
/// <param name="Predicted">How long it would take now. Null: nobody knows, or it takes no time here.</param>
/// <param name="PredictedFrom">As <c>status</c> has it: <c>asset</c> (measured restores of its asset), <c>runs</c> (runs and drills) or <c>plan</c>. Null as <paramref name="Predicted"/>.</param>
/// <param name="Undo">What undoes it; null: nothing.</param>
internal sealed record RunPlanStepView(
    string Step,
    string Title,
    string Action,
    IReadOnlyList<string> Needs,
    string Now,
    string? Approval,
    string Risk,
    string? Undo,
    TimeSpan? Estimate,
    TimeSpan? Predicted,
    string? PredictedFrom
);

/// <summary>What <c>runs list</c> prints.</summary>
internal sealed record RunsDocument(IReadOnlyList<RunLineView> Runs);

/// <param name="Runbook">Null: what begins it cannot be read; so are the next ones.</param>
/// <param name="State">As <c>runs show</c> has it; <c>damaged</c> or <c>unreadable</c>: the problem says why, and what is told is as far as it could be read.</param>
/// <param name="Review">As <c>runs show</c> has it.</param>
internal sealed record RunLineView(
    string Run,
    string? Runbook,
    bool? Drill,
    DateTimeOffset? BegunAt,
    string State,
    string? Requester,
    string? Review,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProblemView? Problem
)
{
    /// <param name="state">As far as it could be read.</param>
    public static RunLineView Of(RunId run, RunState? state, Problem? problem) =>
        new(
            run.Value,
            state?.Begun.Runbook.Id.Value,
            state?.Begun.IsDrill,
            state?.BegunAt,
            problem?.Code switch
            {
                null when state is not null => RunDocument.StateOf(state),
                "run-unreadable" => "unreadable",
                _ => "damaged",
            },
            state?.Begun.Requester,
            state is null ? null : RunDocument.ReviewOf(state),
            problem is null ? null : ProblemView.Of(problem)
        );
}

/// <summary>What the words print: <c>runs approve</c> and its siblings.</summary>
/// <param name="Next">As <c>runs show</c> has it.</param>
internal sealed record RunSaidDocument(
    string Run,
    string Word,
    string? Step,
    string Person,
    string Reason,
    bool BreakGlass,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next
);

[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(RunPlanDocument))]
[JsonSerializable(typeof(RunsDocument))]
[JsonSerializable(typeof(RunSaidDocument))]
internal sealed partial class RunDocuments : JsonSerializerContext
{
    public static readonly RunDocuments Json = new(CliJson.NewOptions());
}
