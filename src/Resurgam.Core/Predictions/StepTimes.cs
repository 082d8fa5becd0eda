using Resurgam.Core.Ledgers;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Predictions;

/// <summary>How long the steps of runbooks took.</summary>
/// <param name="runs">Oldest first.</param>
public sealed class StepTimes(IEnumerable<RunTimes> runs)
{
    private readonly ILookup<(RunbookId, string), DurationSample> _samples = runs.SelectMany(run =>
            run.Steps.Select(step => (Key: (run.Runbook, step.Name), step.Duration))
        )
        .ToLookup(step => step.Key, step => new DurationSample(Size: null, step.Duration));

    public static StepTimes None { get; } = new([]);

    /// <returns>Null without a measurement.</returns>
    public Estimate? Predict(RunbookId runbook, StepId step) =>
        DurationModel.Predict([.. _samples[(runbook, step.Value)]], size: null);
}

/// <summary>What one run that has ended has measured: each step that was done, from its beginning to its proof.</summary>
public sealed record RunTimes(StreamName Stream, RunbookId Runbook, ValueList<StepTime> Steps)
{
    /// <returns>Null while it goes on, and for a run that this program cannot read.</returns>
    /// <exception cref="Problems.ResurgamException">The store's own, and <c>ledger-damaged</c>.</exception>
    public static async Task<RunTimes?> FindAsync(Ledger ledger, StreamName stream, CancellationToken cancellationToken)
    {
        RunState? state = null;
        await foreach (var entry in ledger.ReadAsync(stream, 1, cancellationToken))
            if (state is not null)
                state.Apply(entry);
            else if ((state = RunState.TryBegin(entry)) is null)
                return null;
        return state is { Result: not null } ended
            ? new RunTimes(
                stream,
                ended.Begun.Runbook.Id,
                [
                    .. ended
                        .Steps.Where(step => !ended.Begun.IsDrill || step.Step.TakesTimeInDrill)
                        .Select(TimeOf)
                        .OfType<StepTime>(),
                ]
            )
            : null;
    }

    private static StepTime? TimeOf(StepState step) =>
        step is { Status: StepStatus.Done, StartedAt: { } from, EndedAt: { } until } && until >= from
            ? new StepTime(step.Step.Id.Value, until - from)
            : null;
}
