using System.Globalization;
using System.Net;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Git;

public sealed class GitHubListingTests
{
    private const string Api = "https://api.github.com";

    private readonly GitHubDouble _gitHub = new(Api, "acme", "geheim");
    private readonly HastyTime _time = new(TimeSpan.FromSeconds(25)); // shorter than the limit of a request

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_is_read()
    {
        _gitHub.Repositories.AddRange(Enumerable.Range(0, 250).Select(i => $"r{i:000}"));
        var all = await ListAsync();
        Assert.Equal(250, all.Count);
        Assert.Equal("https://github.com/acme/r000.git", all[0].Text);
        Assert.Equal("github.com/acme/r249", all[^1].Name);
        Assert.Equal(3, _gitHub.Asked.Count);
    }

    [Fact]
    public async Task By_ssh_it_gives_the_addresses_for_ssh()
    {
        _gitHub.Repositories.Add("policies");
        using var listing = Open(bySsh: true);
        Assert.Equal("git@github.com:acme/policies.git", Assert.Single(await listing.ListAsync(Token)).Text);
    }

    [Fact]
    public async Task A_short_limit_and_a_stumble_are_waited_for()
    {
        _gitHub.Repositories.Add("policies");
        _gitHub.Trouble.Enqueue(Limited("retry-after", "20"));
        _gitHub.Trouble.Enqueue(new HttpResponseMessage(HttpStatusCode.BadGateway));
        Assert.Single(await ListAsync());
        Assert.Equal(3, _gitHub.Asked.Count);
    }

    [Fact]
    public async Task A_long_limit_is_told()
    {
        var reset = _time.GetUtcNow().AddMinutes(50).ToUnixTimeSeconds();
        var response = Limited("x-ratelimit-reset", reset.ToString(CultureInfo.InvariantCulture));
        response.Headers.Add("x-ratelimit-remaining", "0");
        _gitHub.Trouble.Enqueue(response);
        Assert.Equal("github-limited", await RefusalAsync());
    }

    [Fact]
    public async Task A_server_that_stays_away_is_told()
    {
        foreach (var _ in Enumerable.Range(0, 4))
            _gitHub.Trouble.Enqueue(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        Assert.Equal("github-unreachable", await RefusalAsync());
    }

    [Theory]
    [InlineData(401, "github-refused")]
    [InlineData(403, "github-refused")]
    [InlineData(404, "github-refused")]
    [InlineData(302, "github-garbled")]
    [InlineData(200, "github-garbled")]
    public async Task Other_answers_are_no_list(int status, string code)
    {
        _gitHub.Trouble.Enqueue(
            new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("<html>") }
        );
        Assert.Equal(code, await RefusalAsync());
    }

    [Fact]
    public async Task The_token_goes_to_no_other_host()
    {
        _gitHub.Repositories.Add("policies");
        _gitHub.CloneBase = "https://evil.example";
        Assert.Equal("github-garbled", await RefusalAsync());
        var elsewhere = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("[]") };
        elsewhere.Headers.Add("Link", "<https://evil.example/orgs/acme/repos?page=2>; rel=\"next\"");
        _gitHub.Trouble.Enqueue(elsewhere);
        Assert.Equal("github-garbled", await RefusalAsync());
        Assert.All(_gitHub.Asked, path => Assert.StartsWith("/orgs/acme/", path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_is_looked_for_by_itself()
    {
        _gitHub.Unlisted.Add("shy");
        using var listing = Open(bySsh: false);
        Assert.True(await listing.IsThereAsync("acme/shy", Token));
        Assert.False(await listing.IsThereAsync("acme/gone", Token));
    }

    private async Task<IReadOnlyList<Core.Git.GitAddress>> ListAsync()
    {
        using var listing = Open(bySsh: false);
        return await listing.ListAsync(Token);
    }

    private async Task<string> RefusalAsync() => (await Assert.ThrowsAsync<ResurgamException>(ListAsync)).Problem.Code;

    private GitHubListing Open(bool bySsh) =>
        new(
            new GitHubOrganisation
            {
                Name = "acme",
                Api = new Uri(Api),
                Token = new SecretBytes("geheim"u8.ToArray()),
                BySsh = bySsh,
            },
            _gitHub,
            _time
        );

    private static HttpResponseMessage Limited(string header, string value)
    {
        HttpResponseMessage response = new(HttpStatusCode.Forbidden);
        response.Headers.Add(header, value);
        return response;
    }
}
