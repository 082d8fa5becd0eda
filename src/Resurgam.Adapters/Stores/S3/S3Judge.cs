using Amazon.Runtime;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>Knows what an answer of S3 means, and what its absence does.</summary>
/// <param name="asked">What the plan asks of the server beyond keeping the bytes: what it refuses may be that.</param>
internal sealed class S3Judge(string store, IReadOnlyList<string> asked) : RequestJudge
{
    public override bool IsOfTheServer(Exception e) =>
        e is AmazonServiceException or AmazonClientException || base.IsOfTheServer(e);

    public override ResurgamException Stalled(string what, TimeSpan limit, Exception e) =>
        S3Problems.Stalled(store, what, limit, e);

    public override RequestFault Judge(string what, Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
            if (inner is System.Security.Authentication.AuthenticationException)
                return new RequestFault(S3Problems.Tls(store, inner), IsPassing: false);
        return e switch
        {
            Amazon.S3.AmazonS3Exception { StatusCode: not 0 } answer => OfAnswer(what, answer),
            AmazonUnmarshallingException => new RequestFault(S3Problems.NoS3(store, what, e), IsPassing: false),
            _ => new RequestFault(S3Problems.Unreachable(store, what, e), IsPassing: true, IsAnswer: false),
        };
    }

    private RequestFault OfAnswer(string what, Amazon.S3.AmazonS3Exception answer)
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
                S3Problems.Credentials(store, asked, answer),
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
            _ => S3Problems.Refused(store, what, asked, answer),
        };
        return problem is null
            ? new RequestFault(S3Problems.Unavailable(store, what, answer), IsPassing: true)
            : new RequestFault(problem, IsPassing: false);
    }
}
