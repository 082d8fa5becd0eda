using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class GitKeysTests
{
    [Fact]
    public void A_list_of_repositories_is_read()
    {
        var git = Assert.IsType<Asset.Git>(
            Assert.Single(
                Read(
                    "repositories: ['https://a.example/x.git', /srv/y], user: u, password: { env: P }, timeout: 5m"
                ) switch
                {
                    PlanReading.Good(var plan) => plan.Assets,
                    var other => throw new InvalidOperationException($"{other}"),
                }
            )
        );
        Assert.Equal(["a.example/x", "srv/y"], git.Repositories.Select(address => address.Name));
        Assert.Equal(TimeSpan.FromMinutes(5), git.Timeout);
        Assert.True(git.WithLargeFiles);
    }

    [Theory]
    [InlineData("repositories: []", "plan-type")]
    [InlineData("large-files: true", "plan-missing-key")]
    [InlineData("repositories: ['ext::id']", "plan-git-address")]
    [InlineData("repositories: [/srv/x, /srv/x.git]", "plan-git-address")]
    [InlineData("repositories: [/srv/x], user: u", "plan-secret-source")]
    [InlineData("repositories: [/srv/x], password: { env: P }", "plan-secret-source")]
    public void What_cannot_be_meant_is_refused(string keys, string code) =>
        Assert.Equal(code, Assert.Single(Assert.IsType<PlanReading.Bad>(Read(keys)).Problems).Placed.Code);

    [Fact]
    public void A_password_in_an_address_is_not_repeated() =>
        Assert.DoesNotContain(
            "geheim",
            Assert
                .IsType<PlanReading.Bad>(Read("repositories: ['https://u:geheim@a.example/x']"))
                .Problems[0]
                .ToString(),
            StringComparison.Ordinal
        );

    private static PlanReading Read(string keys) =>
        PlanReader.Read(
            $"resurgam: 1\nvault: {{ store: file:///v, secret: {{ env: S }} }}\nassets:\n  code: {{ kind: git, {keys} }}\n",
            "/p.yaml"
        );
}
