namespace Resurgam.Core.Runs;

/// <summary>What can be done next in a run. Closed.</summary>
internal abstract record RunMove
{
    private RunMove() { }

    public sealed record Start(StepState Step) : RunMove;

    /// <summary>In a drill: the step is not done.</summary>
    public sealed record Leave(StepState Step) : RunMove;

    public sealed record Undo(StepState Step) : RunMove;

    public sealed record AskSteadyState : RunMove;

    public sealed record End(RunResult Result) : RunMove;

    /// <summary>All that can be done now, at the same time. What runs is not in here.</summary>
    public static IReadOnlyList<RunMove> Of(RunState state)
    {
        if (state.Result is not null)
            return [];
        var isRunning = state.Steps.Any(step => step.IsRunning);
        if (state.IsStopping)
            return isRunning ? [] : [.. Closing(state)];
        List<RunMove> moves = [];
        foreach (var step in state.Steps.Where(step => step.Status == StepStatus.Waiting && state.IsFree(step)))
            if (state.Begun.IsDrill && step.Step.InDrill == DrillBehaviour.Skip)
                moves.Add(new Leave(step));
            else if (!step.Step.Action.IsForPeople && !state.LacksApproval(step))
                moves.Add(new Start(step));
        var isThrough = !isRunning && state.Steps.All(step => step.IsSettled);
        return isThrough ? [.. Closing(state)] : moves;
    }

    /// <summary>Undo in reverse, one after the other; then the steady state; then the end. A run that went well undoes nothing.</summary>
    private static IEnumerable<RunMove> Closing(RunState state)
    {
        var undoes = state.Begun.IsDrill || state.Abort is { KeepsEffects: false };
        if (undoes)
        {
            if (state.Steps.Any(step => step.Undo is UndoStatus.Failed or UndoStatus.Running))
                yield break;
            var next = state
                .Steps.Where(step => step.CanBeUndone(state.Begun.IsDrill) && step.Undo == UndoStatus.None)
                .MaxBy(step => step.SettledSeq);
            if (next is not null)
            {
                yield return new Undo(next);
                yield break;
            }
            if (state.Begun.Runbook.SteadyState.Count > 0 && state.SteadyState is null)
            {
                yield return new AskSteadyState();
                yield break;
            }
        }
        yield return new End(ResultOf(state));
    }

    private static RunResult ResultOf(RunState state) =>
        state.Abort is not null ? RunResult.Aborted
        : state.Begun.IsDrill && (state.IsStopping || state.SteadyState is { Holds: false }) ? RunResult.Failed
        : RunResult.Completed;
}
