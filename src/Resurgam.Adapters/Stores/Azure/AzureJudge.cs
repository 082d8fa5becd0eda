using System.Xml;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Stores.Azure;

/// <summary>Knows what a refusal of Azure means, and what silence does.</summary>
internal sealed class AzureJudge(string store) : RequestJudge
{
    public override bool IsOfTheServer(Exception e) => e is AzureException or XmlException || base.IsOfTheServer(e);

    public override ResurgamException Stalled(string what, TimeSpan limit, Exception e) =>
        AzureProblems.Stalled(store, what, limit, e);

    public override RequestFault Judge(string what, Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
            if (inner is System.Security.Authentication.AuthenticationException)
                return new RequestFault(AzureProblems.Tls(store, inner), IsPassing: false);
        return e switch
        {
            AzureException refusal => OfAnswer(what, refusal.Answer),
            XmlException => new RequestFault(AzureProblems.WrongAnswer(store, what, e.Message), IsPassing: false),
            _ => new RequestFault(AzureProblems.Unreachable(store, what, e), IsPassing: true, IsAnswer: false),
        };
    }

    private RequestFault OfAnswer(string what, AzureAnswer answer)
    {
        var problem = (answer.Code, (int)answer.Status) switch
        {
            ("ContainerNotFound" or "ContainerDisabled", _) => AzureProblems.NoContainer(store, answer),
            ("AuthenticationFailed", _) when Speaks(answer, "date header") => AzureProblems.Clock(store, answer),
            ("AuthenticationFailed", _) when Speaks(answer, "time frame") || Speaks(answer, "expired") =>
                AzureProblems.Expired(store, what, answer),
            ("AuthenticationFailed" or "InvalidAuthenticationInfo" or "NoAuthenticationInformation", _) =>
                AzureProblems.Credentials(store, answer),
            ("BlobImmutableDueToPolicy", _) => AzureProblems.Denied(store, what, answer),
            (_, 401 or 403) => AzureProblems.Denied(store, what, answer),
            (_, 408 or 425 or 429 or >= 500) or ("ContainerBeingDeleted" or "AccountBeingCreated", _) => null,
            (_, 400 or 404 or 405) when answer.Code.Length == 0 => AzureProblems.WrongAnswer(store, what, answer.Said),
            _ => AzureProblems.Refused(store, what, answer),
        };
        return problem is null
            ? new RequestFault(AzureProblems.Unavailable(store, what, answer), IsPassing: true)
            : new RequestFault(problem, IsPassing: false);
    }

    private static bool Speaks(AzureAnswer answer, string words) =>
        answer.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
