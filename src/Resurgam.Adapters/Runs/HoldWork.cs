using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

/// <summary>Asks until all conditions hold, and then again and again: who is well for a moment only is not well.</summary>
/// <param name="ask">One condition, once.</param>
internal sealed class HoldWork(
    StepAction.Hold action,
    StepCall call,
    ActionTools tools,
    Func<Condition, CancellationToken, Task<ConditionReport>> ask
) : ActionWork(call, tools)
{
    /// <summary>Short, because how long the recovery took is known to this only.</summary>
    private static readonly TimeSpan WhileWaiting = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan WhileHolding = TimeSpan.FromSeconds(1);

    /// <summary>What does not answer within it does not hold.</summary>
    private static readonly TimeSpan LongestAsk = TimeSpan.FromSeconds(10);

    /// <summary>It ends a little before the step's own time, to say what does not hold.</summary>
    private TimeSpan Limit => Call.Step.Timeout * 0.98;

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var began = Tools.Time.GetTimestamp();
        while (await FindMissAsync(cancellationToken) is { } miss)
        {
            if (Tools.Time.GetElapsedTime(began) + action.For >= Limit)
                return StepReport.Failed($"not within {Duration.Format(Call.Step.Timeout)}: {miss}");
            await Task.Delay(WhileWaiting, Tools.Time, cancellationToken);
        }
        var (since, held) = (Tools.Time.GetUtcNow(), Tools.Time.GetTimestamp());
        while (Tools.Time.GetElapsedTime(held) is var so && so < action.For)
        {
            var rest = action.For - so;
            await Task.Delay(rest < WhileHolding ? rest : WhileHolding, Tools.Time, cancellationToken);
            if (await FindMissAsync(cancellationToken) is { } broken)
                return StepReport.Failed(
                    $"all held for {Duration.Rough(Tools.Time.GetElapsedTime(held))}, and then no more: {broken}"
                );
        }
        return StepReport.Done(
            $"{action.Words}, for {Duration.Format(action.For)}",
            new StepNote(
                StepAction.Hold.SinceNote,
                since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
            )
        );
    }

    /// <returns>Null when all hold; else what is found instead of the first that does not.</returns>
    private async Task<string?> FindMissAsync(CancellationToken cancellationToken)
    {
        foreach (var condition in action.Asked)
        {
            using CancellationTokenSource limit = new(LongestAsk, Tools.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                var report = await ask(condition, either.Token);
                if (!report.Holds)
                    return report.What;
            }
            catch (ResurgamException e)
            {
                return e.Problem.What;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return $"no answer within {Duration.Format(LongestAsk)}";
            }
        }
        return null;
    }
}
