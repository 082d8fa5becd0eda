using Resurgam.Adapters.Traces;
using Resurgam.Core.Runs;

namespace Resurgam.Runs;

/// <summary>What steps do, each a span below that of its run.</summary>
internal sealed class TracedWork(IStepWork work) : IStepWork
{
    public Task<StepReport> LookAsync(StepCall stepCall, CancellationToken cancellationToken) =>
        work.LookAsync(stepCall, cancellationToken);

    public Task<StepReport> ActAsync(StepCall stepCall, CancellationToken cancellationToken) =>
        Spans.RunAsync(
            stepCall.IsUndo ? "undo" : "step",
            [
                ("resurgam.step", stepCall.Step.Id.Value),
                ("resurgam.action", stepCall.Action.Kind),
                ("resurgam.attempt", stepCall.Attempt),
            ],
            async span =>
            {
                var report = await work.ActAsync(stepCall, cancellationToken);
                span?.SetTag("resurgam.what", report.What);
                if (report.Result is StepResult.Failed or StepResult.Unknown)
                    Spans.Fail(span, "step-failed", report.What);
                return report;
            }
        );

    public Task<bool?> ProbeAsync(StepCall stepCall, CancellationToken cancellationToken) =>
        work.ProbeAsync(stepCall, cancellationToken);

    public Task<ConditionReport> AskAsync(
        Condition condition,
        StepCall stepCall,
        CancellationToken cancellationToken
    ) => work.AskAsync(condition, stepCall, cancellationToken);
}
