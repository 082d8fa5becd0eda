using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>One attempt at a step, from its precondition to its postcondition; and what to make of one that was cut off.</summary>
internal sealed class StepAttempt(IStepWork work, StepCall call, TimeProvider time)
{
    /// <summary>An idempotent step that was cut off so often is perhaps what kills us.</summary>
    private const int MostAttempts = 5;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>What is asked after a failure must not hang as what failed may have.</summary>
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(30);

    /// <summary>What the postcondition lacked when it was last asked.</summary>
    private string _unmet = "";

    /// <param name="stop">Cancelled by an abort of the run.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>: the program ends, and nothing is known.</exception>
    public async Task<StepReport> RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(call.Step.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop, cancellationToken);
        try
        {
            return call.IsUndo ? await work.ActAsync(call, either.Token) : await ActAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return StepReport.Failed(
                stop.IsCancellationRequested
                    ? "cut off by the abort"
                    : $"not done within {Duration.Format(call.Step.Timeout)}{_unmet}"
            );
        }
        catch (ResurgamException e)
        {
            return await JudgeAsync(e.Problem, cancellationToken);
        }
    }

    /// <summary>Says what to make of an attempt whose outcome nobody wrote.</summary>
    public async Task<StepReport> SettleAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(LastLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var what = "it cannot be told whether the effect is there";
        try
        {
            if (!call.IsUndo && await IsThereAsync(either.Token) is { } found)
            {
                if (found.Holds)
                    return StepReport.Done($"cut off, and found done: {found.What}");
                what = found.What;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            what = $"no answer within {Duration.Format(LastLook)}";
        }
        catch (ResurgamException e)
        {
            what = e.Problem.What;
        }
        return call.Action.IsIdempotent && call.Attempt < MostAttempts
            ? new StepReport(StepResult.Repeat, $"cut off; {what}; it may be repeated", [])
            : new StepReport(StepResult.Unknown, $"cut off; {what}", []);
    }

    private async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        if (call.Step.Precondition is { } precondition)
        {
            var before = await AskBeforeAsync(precondition, cancellationToken);
            if (!before.Holds)
                return StepReport.Failed(
                    call.Attempt > 1
                        ? $"the precondition does not hold, and an earlier attempt may have touched something: {before.What}"
                        : $"nothing was touched, the precondition does not hold: {before.What}"
                );
        }
        var report = await work.ActAsync(call, cancellationToken);
        if (report.Result != StepResult.Done || call.Step.Postcondition is not { } postcondition)
            return report;
        return await WaitAsync(postcondition, report, cancellationToken);
    }

    /// <summary>What an attempt that was cut off set in motion, such as the restart of a server, may still go on.</summary>
    private async Task<ConditionReport> AskBeforeAsync(Condition precondition, CancellationToken cancellationToken)
    {
        var patience = call.IsResumed ? LastLook : TimeSpan.Zero;
        for (var began = time.GetTimestamp(); ; )
        {
            try
            {
                return await work.AskAsync(precondition, call, cancellationToken);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry && time.GetElapsedTime(began) < patience)
            {
                await Task.Delay(BetweenLooks, time, cancellationToken);
            }
        }
    }

    /// <summary>Until the postcondition holds; the time is the caller's to end.</summary>
    private async Task<StepReport> WaitAsync(
        Condition postcondition,
        StepReport report,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            try
            {
                var after = await work.AskAsync(postcondition, call, cancellationToken);
                if (after.Holds)
                    return report with { What = $"{report.What}; {after.What}" };
                _unmet = $", and the postcondition does not hold: {after.What}";
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
            {
                _unmet = $", and the postcondition cannot be asked: {e.Problem.What}"; // not up yet
            }
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    /// <summary>The action failed; but what counts is the postcondition.</summary>
    private async Task<StepReport> JudgeAsync(Problem problem, CancellationToken cancellationToken)
    {
        var failed = StepReport.Failed($"{problem.What} ({problem.Code})");
        if (call.IsUndo || call.Step.Postcondition is not { } postcondition)
            return failed;
        using CancellationTokenSource limit = new(LastLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var after = await work.AskAsync(postcondition, call, either.Token);
            return after.Holds ? StepReport.Done($"{after.What}, although {problem.What}") : failed;
        }
        catch (ResurgamException)
        {
            return failed; // what failed first is what a person has to know
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return failed;
        }
    }

    /// <returns>Null when nothing tells.</returns>
    private async Task<ConditionReport?> IsThereAsync(CancellationToken cancellationToken)
    {
        var probed = await work.ProbeAsync(call, cancellationToken);
        if (probed == false)
            return new ConditionReport(false, "the effect is not there");
        if (call.Step.Postcondition is { } postcondition)
            return await work.AskAsync(postcondition, call, cancellationToken);
        return probed == true ? new ConditionReport(true, "the effect is there") : null;
    }
}
