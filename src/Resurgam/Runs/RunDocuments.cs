using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Runs;

namespace Resurgam.Runs;

/// <summary>What <c>run</c>, <c>runs show</c>, <c>watch</c> and <c>resume</c> print.</summary>
/// <param name="Plan">Hash of the plan that it goes by.</param>
/// <param name="Result"><c>completed</c>, <c>aborted</c> or <c>failed</c>; null while it is not at its end.</param>
/// <param name="Leader">Where the process runs that does, or did, the steps.</param>
/// <param name="Waits">What people have to do.</param>
/// <param name="BreakGlass">Words against the rules, to be reviewed.</param>
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
    string Leader,
    IReadOnlyList<RunStepView> Steps,
    IReadOnlyList<RunWaitView> Waits,
    IReadOnlyList<RunWordView> BreakGlass,
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
            state.LeaderPlace,
            [.. state.Steps.Select(step => RunStepView.Of(step))],
            [.. state.Waits.Select(wait => new RunWaitView(wait.Step.Id.Value, NameOf(wait.For), HintOf(run, wait)))],
            [
                .. state.BreakGlass.Select(word => new RunWordView(
                    RunVerb.NameOf(word.Kind),
                    word.Step?.Value,
                    word.Person,
                    word.Reason
                )),
            ],
            state.SteadyState is { } steady ? new RunSteadyView(steady.Holds, steady.What) : null
        );

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

internal sealed record RunWordView(string Word, string? Step, string Person, string Reason);

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

/// <param name="State">Its result; or <c>waiting</c> or <c>open</c>.</param>
internal sealed record RunLineView(
    string Run,
    string Runbook,
    bool Drill,
    DateTimeOffset BegunAt,
    string State,
    string Requester
);

/// <summary>What the words print: <c>runs approve</c> and its siblings.</summary>
internal sealed record RunSaidDocument(
    string Run,
    string Word,
    string? Step,
    string Person,
    string Reason,
    bool BreakGlass
);

[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(RunPlanDocument))]
[JsonSerializable(typeof(RunsDocument))]
[JsonSerializable(typeof(RunSaidDocument))]
internal sealed partial class RunDocuments : JsonSerializerContext
{
    public static readonly RunDocuments Json = new(CliJson.NewOptions());
}
