using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.Requests;

/// <summary>Does a request until it is answered, it is known to be hopeless, or its time is over.</summary>
/// <remarks>
/// Waits between attempts grow from 0.1 s to 10 s, each drawn from the upper half, so that many writers do not come back together. A server that was never heard is
/// given up after a few of them.
/// </remarks>
/// <param name="waits">Told what failed when a request is repeated that has taken a while; not for each of many. Null: nobody.</param>
internal sealed class RequestRetry(
    RequestLimits limits,
    RequestJudge judge,
    TimeProvider time,
    IEntropy entropy,
    Action<string>? waits = null
)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>A request that fails and is through in so long is nothing to tell.</summary>
    private static readonly TimeSpan Untold = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenWords = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private volatile bool _isHeard;
    private DateTimeOffset? _toldAt;

    /// <param name="what">For messages: "write data/ab/abcd".</param>
    /// <param name="attempt">Told how many attempts have failed before: a failed one may have had its effect.</param>
    public async Task<T> RunAsync<T>(
        string what,
        Func<int, StallWatch, Task<T>> attempt,
        CancellationToken cancellationToken
    )
    {
        var began = time.GetUtcNow();
        DateTimeOffset? end = null;
        for (var failed = 0; ; failed++)
        {
            RequestFault fault;
            var stall = _isHeard || limits.Stall < limits.FirstAnswer ? limits.Stall : limits.FirstAnswer;
            using (StallWatch watch = new(stall, time, cancellationToken))
            {
                try
                {
                    var answer = await attempt(failed, watch);
                    _isHeard = true;
                    return answer;
                }
                catch (Exception e) when (judge.IsOfTheServer(e) && watch.HasStalled)
                {
                    fault = new RequestFault(judge.Stalled(what, stall, e), IsPassing: true, IsAnswer: false);
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
            _isHeard |= fault.IsAnswer; // also a "no" that no further request changes
            end ??= time.GetUtcNow() + limits.RetryFor;
            var wait = WaitAfter(failed);
            if (!fault.IsPassing || time.GetUtcNow() + wait >= end)
                throw fault.Problem;
            if (!_isHeard && time.GetUtcNow() - began + wait >= limits.FirstRetryFor)
                throw fault.Problem;
            Tell(fault, time.GetUtcNow() - began);
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private void Tell(RequestFault fault, TimeSpan since)
    {
        lock (_gate)
        {
            if (since < Untold || (_toldAt is { } told && time.GetUtcNow() - told < BetweenWords))
                return;
            _toldAt = time.GetUtcNow();
        }
        waits?.Invoke($"{fault.Problem.Problem.What}; trying again");
    }

    private TimeSpan WaitAfter(int failed)
    {
        Span<byte> chance = stackalloc byte[2];
        entropy.Fill(chance);
        var most = Math.Min(FirstWait.TotalSeconds * Math.Pow(2, Math.Min(failed, 16)), LongestWait.TotalSeconds);
        return TimeSpan.FromSeconds(most * (0.5 + BitConverter.ToUInt16(chance) / 131072.0));
    }
}
