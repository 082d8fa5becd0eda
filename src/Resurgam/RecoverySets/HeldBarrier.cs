using Resurgam.Adapters.Processes;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.RecoverySets;

/// <summary>Keeps the assets of a set still while work is done, never longer than the plan allows.</summary>
internal sealed class HeldBarrier(string set, SetBarrier barrier, TimeProvider time)
{
    /// <summary>For the program that releases it: it is run whatever happened, and must not hang for ever.</summary>
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromMinutes(1);

    private readonly ProcessRunner _runner = new(time);

    /// <exception cref="ResurgamException"><c>set-barrier</c></exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(barrier.Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        T result;
        try
        {
            await RunAsync(barrier.Hold, barrier.Limit, isHold: true, either.Token);
            result = await work(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await RunAsync(barrier.Release, ReleaseLimit, isHold: false, CancellationToken.None);
            throw SetProblems.BarrierTooLong(set, barrier.Limit);
        }
        catch
        {
            await RunAsync(barrier.Release, ReleaseLimit, isHold: false, CancellationToken.None);
            throw;
        }
        await RunAsync(barrier.Release, ReleaseLimit, isHold: false, CancellationToken.None);
        return result;
    }

    private async Task RunAsync(
        ValueList<string> command,
        TimeSpan timeout,
        bool isHold,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await _runner.RunWellAsync(
                new ProcessRequest
                {
                    Program = command[0],
                    Arguments = [.. command.Skip(1)],
                    Timeout = timeout,
                },
                cancellationToken
            );
        }
        catch (ResurgamException e)
        {
            throw SetProblems.BarrierFailed(set, e.Problem.What, isHold);
        }
    }
}
