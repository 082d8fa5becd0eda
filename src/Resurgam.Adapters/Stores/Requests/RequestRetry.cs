using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.Requests;

/// <summary>Does a request until it is answered, it is known to be hopeless, or its time is over.</summary>
/// <remarks>Waits between attempts grow from 0.1 s to 10 s, each drawn from the upper half, so that many writers do not come back together.</remarks>
internal sealed class RequestRetry(RequestLimits limits, RequestJudge judge, TimeProvider time, IEntropy entropy)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <param name="what">For messages: "write data/ab/abcd".</param>
    /// <param name="attempt">Told how many attempts have failed before: a failed one may have had its effect.</param>
    public async Task<T> RunAsync<T>(
        string what,
        Func<int, StallWatch, Task<T>> attempt,
        CancellationToken cancellationToken
    )
    {
        DateTimeOffset? end = null;
        for (var failed = 0; ; failed++)
        {
            RequestFault fault;
            using (StallWatch watch = new(limits.Stall, time, cancellationToken))
            {
                try
                {
                    return await attempt(failed, watch);
                }
                catch (Exception e) when (judge.IsOfTheServer(e) && watch.HasStalled)
                {
                    fault = new RequestFault(judge.Stalled(what, limits.Stall, e), IsPassing: true);
                }
                catch (Exception e) when (judge.IsOfTheServer(e) && !cancellationToken.IsCancellationRequested)
                {
                    fault = judge.Judge(what, e);
                }
                catch (Exception e) when (judge.IsOfTheServer(e))
                {
                    throw new OperationCanceledException(e.Message, e, cancellationToken);
                }
            }
            end ??= time.GetUtcNow() + limits.RetryFor;
            var wait = WaitAfter(failed);
            if (!fault.IsPassing || time.GetUtcNow() + wait >= end)
                throw fault.Problem;
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private TimeSpan WaitAfter(int failed)
    {
        Span<byte> chance = stackalloc byte[2];
        entropy.Fill(chance);
        var most = Math.Min(FirstWait.TotalSeconds * Math.Pow(2, Math.Min(failed, 16)), LongestWait.TotalSeconds);
        return TimeSpan.FromSeconds(most * (0.5 + BitConverter.ToUInt16(chance) / 131072.0));
    }
}
