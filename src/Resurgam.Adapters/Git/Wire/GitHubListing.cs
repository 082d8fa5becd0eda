using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Git.Wire;

/// <summary>An organisation whose repositories are captured, all of them.</summary>
public sealed record GitHubOrganisation
{
    public required string Name { get; init; }

    /// <summary>Without a slash at the end: <c>https://api.github.com</c>.</summary>
    public required Uri Api { get; init; }

    /// <summary>Null: only what everybody sees.</summary>
    public SecretBytes? Token { get; init; }

    /// <summary>Repositories are reached by SSH.</summary>
    public bool BySsh { get; init; }

    /// <summary>The API's own host, or that without <c>api.</c> in front: whom the token is meant for.</summary>
    public bool IsHostOf(Uri web)
    {
        const string prefix = "api.";
        var home = Api.Host.StartsWith(prefix, StringComparison.Ordinal) ? Api.Host[prefix.Length..] : Api.Host;
        return web.Scheme == Api.Scheme && (web.Host == Api.Host || web.Host == home);
    }
}

/// <summary>Asks the GitHub API, version 2022-11-28, for the repositories of an organisation. The token goes to no other host.</summary>
internal sealed class GitHubListing(GitHubOrganisation organisation, HttpMessageHandler handler, TimeProvider time)
    : IDisposable
{
    private const int PageSize = 100;
    private const int MostPages = 1000;
    private const int MostAnswerBytes = 16 << 20;
    private const int Attempts = 4;

    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    /// <summary>A backup rather fails than hangs until the next hour.</summary>
    private static readonly TimeSpan MostWait = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(handler, disposeHandler: false)
    {
        Timeout = Timeout.InfiniteTimeSpan, // each request has its own
        MaxResponseContentBufferSize = MostAnswerBytes,
    };

    /// <returns>Every repository that the token may see, by its address.</returns>
    /// <exception cref="ResurgamException"><c>github-*</c></exception>
    public async Task<IReadOnlyList<GitAddress>> ListAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, GitAddress> found = new(StringComparer.Ordinal);
        Uri? next = new(
            $"{Base}/orgs/{Uri.EscapeDataString(organisation.Name)}/repos?per_page={PageSize}&type=all&sort=full_name"
        );
        for (var page = 0; next is not null; page++)
        {
            if (page == MostPages)
                throw GitHubProblems.Garbled(organisation.Api, "it has no last page");
            using var response = await AskAsync(next, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
                throw GitHubProblems.NoOrganisation(organisation.Api, organisation.Name);
            Require(response);
            foreach (var address in ReadPage(await response.Content.ReadAsByteArrayAsync(cancellationToken)))
                found[address.Name] = address; // a page may repeat what moved while we read
            next = NextOf(response);
        }
        return [.. found.Values.OrderBy(address => address.Name, StringComparer.Ordinal)];
    }

    /// <summary>Looks for one repository that a listing lacks: lists shift while they are read.</summary>
    /// <param name="fullName"><c>OWNER/NAME</c></param>
    /// <param name="cancellationToken">Ends the wait, too.</param>
    /// <returns>False when it was deleted, renamed, or moved to another owner.</returns>
    public async Task<bool> IsThereAsync(string fullName, CancellationToken cancellationToken)
    {
        using var response = await AskAsync(new Uri($"{Base}/repos/{fullName}"), cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MovedPermanently or HttpStatusCode.Gone)
            return false;
        Require(response);
        return true;
    }

    public void Dispose() => _http.Dispose();

    private string Base => organisation.Api.ToString().TrimEnd('/');

    private async Task<HttpResponseMessage> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (response, failure) = await TryAskAsync(address, cancellationToken);
            if (response is not null && WaitOf(response) is null && (int)response.StatusCode < 500)
                return response;
            var wait = response is null ? null : WaitOf(response);
            var status = response?.StatusCode;
            response?.Dispose();
            if (wait > MostWait)
                throw GitHubProblems.Limited(organisation.Api, time.GetUtcNow() + wait.Value);
            if (attempt == Attempts)
                throw GitHubProblems.Unreachable(
                    organisation.Api,
                    failure?.Message ?? string.Create(CultureInfo.InvariantCulture, $"it answers {(int?)status}"),
                    failure
                );
            await Task.Delay(wait ?? TimeSpan.FromSeconds(attempt * attempt), time, cancellationToken);
        }
    }

    private async Task<(HttpResponseMessage? Response, Exception? Failure)> TryAskAsync(
        Uri address,
        CancellationToken cancellationToken
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.github+json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("resurgam", "1"));
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        if (organisation.Token is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.ToText());
        using var deadline = new CancellationTokenSource(RequestLimit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return (await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ending.Token), null);
        }
        catch (HttpRequestException e)
        {
            return (null, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, new TimeoutException("it does not answer within 30 s", e));
        }
    }

    /// <summary>How long a limit asks us to wait; null when there is none. Source: GitHub, "Rate limits for the REST API".</summary>
    private TimeSpan? WaitOf(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
            return null;
        if (response.Headers.RetryAfter?.Delta is { } delta)
            return delta;
        if (HeaderOf(response, "x-ratelimit-remaining") is 0 && HeaderOf(response, "x-ratelimit-reset") is { } reset)
        {
            var wait = DateTimeOffset.FromUnixTimeSeconds(reset) - time.GetUtcNow();
            return wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
        }
        return response.StatusCode == HttpStatusCode.TooManyRequests ? TimeSpan.FromMinutes(1) : null;
    }

    private static long? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values)
        && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private void Require(HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw GitHubProblems.Refused(organisation.Api, (int)response.StatusCode);
        if (response.StatusCode != HttpStatusCode.OK)
            throw GitHubProblems.Garbled(
                organisation.Api,
                string.Create(CultureInfo.InvariantCulture, $"status {(int)response.StatusCode}")
            );
    }

    private List<GitAddress> ReadPage(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            List<GitAddress> addresses = [];
            foreach (var repository in document.RootElement.EnumerateArray())
            {
                var text = repository.GetProperty(organisation.BySsh ? "ssh_url" : "clone_url").GetString() ?? "";
                if (!GitAddress.TryParse(text, out var address) || !IsOfThisHost(address))
                    throw GitHubProblems.Garbled(organisation.Api, "a repository has an address elsewhere");
                addresses.Add(address);
            }
            return addresses;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw GitHubProblems.Garbled(organisation.Api, e.Message);
        }
    }

    /// <summary>The answer names where the token is sent next.</summary>
    private bool IsOfThisHost(GitAddress address) =>
        organisation.BySsh
            ? address.Web is null && !address.Text.StartsWith("file:", StringComparison.Ordinal)
            : address.Web is { } web && organisation.IsHostOf(web);

    /// <summary>RFC 8288, as GitHub writes it: <c>&lt;URL&gt;; rel="next"</c>.</summary>
    private Uri? NextOf(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var values))
            return null;
        foreach (var link in string.Join(',', values).Split(','))
            if (link.Split(';') is [var target, .. var parameters] && parameters.Any(p => p.Trim() == "rel=\"next\""))
            {
                var isUrl = Uri.TryCreate(target.Trim().Trim('<', '>'), UriKind.Absolute, out var next);
                return isUrl && next?.Authority == organisation.Api.Authority && next.Scheme == organisation.Api.Scheme
                    ? next
                    : throw GitHubProblems.Garbled(organisation.Api, "its next page is elsewhere");
            }
        return null;
    }
}
