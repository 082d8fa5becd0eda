namespace Resurgam.Core.Runs;

/// <summary>Which word of a person counts. The command asks before it writes; the fold asks again, because others write too.</summary>
public static class RunRules
{
    private const string NoReason = "there is no reason given";

    /// <returns>Null when the word counts; else why it does not, in words.</returns>
    public static string? Refuses(RunState state, RunVerb verb)
    {
        if (verb.Kind == RunVerbKind.Review)
            return RefusesReview(state, verb);
        if (state.Result is { } result)
            return $"the run has ended: it is {RunState.NameOf(result)}";
        if (verb.Reason.Length == 0)
            return NoReason;
        if (verb.Kind == RunVerbKind.Abort)
            return state.Abort is null ? null : "it was aborted before";
        if (verb.Step is not { } id || state.FindStep(id) is not { } step)
            return "the runbook has no such step";
        if (step.Undo == UndoStatus.Failed)
            return verb.Kind is RunVerbKind.Retry or RunVerbKind.Skip or RunVerbKind.Done
                ? null
                : "its undo failed: retry it, skip it or say that it is done";
        if (state.IsStopping)
            return "the run is being stopped";
        return RefusesByStatus(state, step, verb) ?? RefusesByRule(state, step, verb);
    }

    private static string? RefusesReview(RunState state, RunVerb verb)
    {
        if (verb.Reason.Length == 0)
            return NoReason;
        if (state.Unreviewed.Count == 0)
            return "there is no broken glass in it that was not reviewed";
        return state.Unreviewed.Any(word => word.Person == verb.Person)
            ? $"{verb.Person} broke the glass: another person has to review it"
            : null;
    }

    private static string? RefusesByStatus(RunState state, StepState step, RunVerb verb)
    {
        var name = NameOf(step.Status);
        switch (verb.Kind)
        {
            case RunVerbKind.Approve:
                return step.Step.Approval is null ? "the step needs no approval"
                    : step.Approval is not null && step.Status != StepStatus.Rejected
                        ? $"it was approved by {step.Approval.Person} before"
                    : step.Status is StepStatus.Waiting or StepStatus.Rejected ? null
                    : $"the step is {name}";
            case RunVerbKind.Reject:
                return step.Step.Approval is null ? "the step needs no approval"
                    : step.Status == StepStatus.Waiting ? null
                    : $"the step is {name}";
            case RunVerbKind.Retry:
                return step.Status is StepStatus.Failed or StepStatus.Unknown ? null : $"the step is {name}";
            case RunVerbKind.Skip:
                return
                    step.Status is StepStatus.Waiting or StepStatus.Failed or StepStatus.Unknown or StepStatus.Rejected
                    ? null
                    : $"the step is {name}";
            case RunVerbKind.Done:
                return
                    step.Status is StepStatus.Failed or StepStatus.Unknown
                    || step.Status == StepStatus.Waiting && state.IsFree(step)
                    ? null
                    : $"the step is {name}{(step.Status == StepStatus.Waiting ? ", and what it needs is not done" : "")}";
            case RunVerbKind.Abort or RunVerbKind.Review:
                return null;
            default:
                throw new System.Diagnostics.UnreachableException($"no rule is written for {verb.Kind}");
        }
    }

    /// <summary>Whoever approves a step, and whoever goes past its approval, has to be one who may approve it.</summary>
    private static string? RefusesByRule(RunState state, StepState step, RunVerb verb)
    {
        var lets =
            verb.Kind == RunVerbKind.Approve
            || (verb.Kind is RunVerbKind.Skip or RunVerbKind.Done && state.LacksApproval(step));
        return lets && !verb.IsBreakGlass ? step.Step.Approval?.Refuses(verb.Person, state.Begun.Requester) : null;
    }

    public static string NameOf(StepStatus status) =>
        status switch
        {
            StepStatus.Waiting => "waiting",
            StepStatus.Running => "running",
            StepStatus.Done => "done",
            StepStatus.DoneByHand => "done by hand",
            StepStatus.Skipped => "skipped",
            StepStatus.PassedOver => "passed over",
            StepStatus.Failed => "failed",
            StepStatus.Unknown => "unknown",
            StepStatus.Rejected => "rejected",
        };
}
