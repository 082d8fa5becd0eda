using Resurgam.Core.Problems;

namespace Resurgam.Core.Runs;

/// <summary>Asks whether all is as it is when all is well; gives it a little time to become so.</summary>
internal sealed class SteadyStateCheck(IStepWork work, TimeProvider time)
{
    /// <summary>Services take a moment after an undo; what takes longer is not steady.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public async Task<ConditionReport> RunAsync(RunId run, RunState state, CancellationToken cancellationToken)
    {
        var call = StepCall.Of(run, state, state.Steps[0], isUndo: false);
        var began = time.GetTimestamp();
        List<string> found = [];
        foreach (var condition in state.Begun.Runbook.SteadyState)
        {
            var report = await AskAsync(condition, call, cancellationToken);
            while (!report.Holds && time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(BetweenLooks, time, cancellationToken);
                report = await AskAsync(condition, call, cancellationToken);
            }
            if (!report.Holds)
                return report;
            found.Add(report.What);
        }
        return new ConditionReport(true, string.Join("; ", found));
    }

    private async Task<ConditionReport> AskAsync(
        Condition condition,
        StepCall call,
        CancellationToken cancellationToken
    )
    {
        using CancellationTokenSource limit = new(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await work.AskAsync(condition, call, either.Token);
        }
        catch (ResurgamException e)
        {
            return new ConditionReport(false, e.Problem.What);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ConditionReport(false, "no answer");
        }
    }
}
