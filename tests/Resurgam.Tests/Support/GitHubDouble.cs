using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Resurgam.Tests.Support;

/// <summary>The little of the GitHub API that a listing needs, and stricter than GitHub: what it does not expect is refused.</summary>
public sealed class GitHubDouble(string api, string organisation, string? token) : HttpMessageHandler
{
    private readonly List<string> _asked = [];

    /// <summary>Names of the organisation's repositories.</summary>
    public List<string> Repositories { get; } = [];

    /// <summary>There, and not in a listing, as when a list shifts while it is read.</summary>
    public HashSet<string> Unlisted { get; } = new(StringComparer.Ordinal);

    /// <summary>Where repositories are cloned from, without a slash at the end.</summary>
    public string CloneBase { get; set; } = "https://github.com";

    /// <summary>What the next answers are in place of the right ones.</summary>
    public Queue<HttpResponseMessage> Trouble { get; } = new();

    /// <summary>Path and query of every request.</summary>
    public IReadOnlyList<string> Asked => _asked;

    /// <param name="address">Absolute.</param>
    /// <param name="headers">Value of a header; null: it is not there.</param>
    public HttpResponseMessage Answer(Uri address, Func<string, string?> headers)
    {
        _asked.Add(address.PathAndQuery);
        if (Trouble.TryDequeue(out var trouble))
            return trouble;
        if (string.IsNullOrEmpty(headers("User-Agent")))
            return Refuse(
                HttpStatusCode.Forbidden,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            );
        if (headers("Accept") != "application/vnd.github+json" || headers("X-GitHub-Api-Version") != "2022-11-28")
            return Refuse(HttpStatusCode.BadRequest, "Accept and X-GitHub-Api-Version");
        if (headers("Authorization") != (token is null ? null : $"Bearer {token}"))
            return Refuse(HttpStatusCode.Unauthorized, "Bad credentials");
        var path = address.ToString()[api.Length..].Split('?')[0];
        if (path == $"/orgs/{organisation}/repos")
            return List(address);
        var name = path.StartsWith($"/repos/{organisation}/", StringComparison.Ordinal) ? path.Split('/')[3] : "";
        return Repositories.Contains(name) || Unlisted.Contains(name)
            ? Json(RepositoryOf(name))
            : Refuse(HttpStatusCode.NotFound, "Not Found");
    }

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        Assert.Equal(HttpMethod.Get, request.Method);
        return Task.FromResult(
            Answer(
                request.RequestUri!,
                name => request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null
            )
        );
    }

    private HttpResponseMessage List(Uri address)
    {
        var query = address
            .Query.TrimStart('?')
            .Split('&')
            .Select(p => p.Split('=', 2))
            .ToDictionary(p => p[0], p => p[1]);
        var size = int.Parse(query["per_page"], CultureInfo.InvariantCulture);
        var page = int.Parse(query.GetValueOrDefault("page", "1"), CultureInfo.InvariantCulture);
        if (size is < 1 or > 100 || query.GetValueOrDefault("type") != "all")
            return Refuse(HttpStatusCode.UnprocessableEntity, "per_page and type");
        var names = Repositories.Skip((page - 1) * size).Take(size);
        var response = Json($"[{string.Join(',', names.Select(RepositoryOf))}]");
        if (page * size < Repositories.Count)
            response.Headers.Add(
                "Link",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"<{api}/orgs/{organisation}/repos?per_page={size}&type=all&page={page + 1}>; rel=\"next\", <{api}/orgs/{organisation}/repos?page=9>; rel=\"last\""
                )
            );
        return response;
    }

    private string RepositoryOf(string name) =>
        $"{{\"full_name\":{JsonSerializer.Serialize($"{organisation}/{name}")},\"clone_url\":{JsonSerializer.Serialize($"{CloneBase}/{organisation}/{name}.git")},\"ssh_url\":{JsonSerializer.Serialize($"git@github.com:{organisation}/{name}.git")}}}";

    private static HttpResponseMessage Json(string json) =>
        new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Refuse(HttpStatusCode status, string message) =>
        new(status)
        {
            Content = new StringContent(
                $"{{\"message\":{JsonSerializer.Serialize(message)}}}",
                Encoding.UTF8,
                "application/json"
            ),
        };
}
