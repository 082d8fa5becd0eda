using Amazon.Runtime;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>Does a request until it is answered, it is known to be hopeless, or its time is over.</summary>
/// <remarks>Waits between attempts grow from 0.1 s to 10 s, each drawn from the upper half, so that many writers do not come back together.</remarks>
internal sealed class S3Retry(S3Options options, string store, TimeProvider time, IEntropy entropy)
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
            S3Fault fault;
            using (StallWatch watch = new(options.StallTimeout, time, cancellationToken))
            {
                try
                {
                    return await attempt(failed, watch);
                }
                catch (OperationCanceledException e) when (watch.HasStalled)
                {
                    fault = new S3Fault(S3Problems.Stalled(store, what, options.StallTimeout, e), IsPassing: true);
                }
                catch (Exception e)
                    when (IsOfTheServer(e) && !watch.HasStalled && !cancellationToken.IsCancellationRequested)
                {
                    fault = S3Fault.Of(store, what, e);
                }
                catch (Exception e) when (IsOfTheServer(e) && watch.HasStalled)
                {
                    fault = new S3Fault(S3Problems.Stalled(store, what, options.StallTimeout, e), IsPassing: true);
                }
                catch (Exception e) when (IsOfTheServer(e))
                {
                    throw new OperationCanceledException(e.Message, e, cancellationToken);
                }
            }
            end ??= time.GetUtcNow() + options.RetryFor;
            var wait = WaitAfter(failed);
            if (!fault.IsPassing || time.GetUtcNow() + wait >= end)
                throw fault.Problem;
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private static bool IsOfTheServer(Exception e) =>
        e
            is AmazonServiceException
                or AmazonClientException
                or HttpRequestException
                or IOException
                or System.Net.Sockets.SocketException
                or OperationCanceledException;

    private TimeSpan WaitAfter(int failed)
    {
        Span<byte> chance = stackalloc byte[2];
        entropy.Fill(chance);
        var most = Math.Min(FirstWait.TotalSeconds * Math.Pow(2, Math.Min(failed, 16)), LongestWait.TotalSeconds);
        return TimeSpan.FromSeconds(most * (0.5 + BitConverter.ToUInt16(chance) / 131072.0));
    }
}

/// <summary>What a failed attempt means.</summary>
/// <param name="IsPassing">The same request may succeed in a moment.</param>
internal sealed record S3Fault(ResurgamException Problem, bool IsPassing)
{
    public static S3Fault Of(string store, string what, Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
            if (inner is System.Security.Authentication.AuthenticationException)
                return new S3Fault(S3Problems.Tls(store, inner), IsPassing: false);
        return e switch
        {
            Amazon.S3.AmazonS3Exception { StatusCode: not 0 } answer => OfAnswer(store, what, answer),
            AmazonUnmarshallingException => new S3Fault(S3Problems.NoS3(store, what, e), IsPassing: false),
            _ => new S3Fault(S3Problems.Unreachable(store, what, e), IsPassing: true),
        };
    }

    private static S3Fault OfAnswer(string store, string what, Amazon.S3.AmazonS3Exception answer)
    {
        var status = (int)answer.StatusCode;
        var problem = (answer.ErrorCode, status) switch
        {
            ("NoSuchBucket", _) => S3Problems.NoBucket(store, answer),
            ("ExpiredToken" or "TokenRefreshRequired" or "ExpiredTokenException", _) => S3Problems.Expired(
                store,
                what,
                answer
            ),
            ("RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture", _) => S3Problems.Clock(store, answer),
            ("InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "InvalidSecurity", _) =>
                S3Problems.Credentials(store, answer),
            (
                "AuthorizationHeaderMalformed"
                    or "PermanentRedirect"
                    or "TemporaryRedirect"
                    or "IllegalLocationConstraintException",
                _
            )
            or (_, 301 or 307) => S3Problems.Region(store, answer),
            ("QuotaExceeded" or "EntityTooLargeForQuota" or "InsufficientStorage", _) or (_, 507) => StoreProblems.Full(
                store,
                what,
                answer
            ),
            ("NotImplemented", _) or (_, 501) => S3Problems.NoS3(store, what, answer),
            (_, 401 or 403) => S3Problems.Denied(store, what, answer),
            (_, 408 or 409 or 425 or 429 or >= 500) or ("RequestTimeout" or "SlowDown", _) => null,
            _ => S3Problems.Refused(store, what, answer),
        };
        return problem is null
            ? new S3Fault(S3Problems.Unavailable(store, what, answer), IsPassing: true)
            : new S3Fault(problem, IsPassing: false);
    }
}
