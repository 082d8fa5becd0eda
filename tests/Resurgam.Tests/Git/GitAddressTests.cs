using Resurgam.Core.Git;

namespace Resurgam.Tests.Git;

public sealed class GitAddressTests
{
    [Theory]
    [InlineData(
        "https://github.com/acme/policies.git",
        "github.com/acme/policies",
        "https://github.com/acme/policies.git"
    )]
    [InlineData("https://github.com/acme/policies/", "github.com/acme/policies", "https://github.com/acme/policies/")]
    [InlineData("https://git.example.net:8443/a b.git", null, null)]
    [InlineData(
        "https://git.example.net:8443/a%20b.git",
        "git.example.net-8443/a b",
        "https://git.example.net:8443/a%20b.git"
    )]
    [InlineData("ssh://git@example.net/srv/x.git", "example.net/srv/x", "ssh://git@example.net/srv/x.git")]
    [InlineData("git@example.net:acme/x", "example.net/acme/x", "git@example.net:acme/x")]
    [InlineData("git://example.net/x.git", "example.net/x", "git://example.net/x.git")]
    [InlineData("/srv/git/x.git", "srv/git/x", "file:///srv/git/x.git")]
    [InlineData("file:///srv/git/x", "srv/git/x", "file:///srv/git/x")]
    [InlineData("/srv/a.git/b.git", "srv/a_git/b", "file:///srv/a.git/b.git")]
    [InlineData("https://user:secret@example.net/x", null, null)]
    [InlineData("https://example.net/", null, null)]
    [InlineData("https://example.net/x?y", null, null)]
    [InlineData("/srv/../etc", null, null)]
    [InlineData("ext::sh -c id", null, null)]
    [InlineData("ext::id", null, null)]
    [InlineData("--upload-pack=id", null, null)]
    [InlineData("-oProxyCommand=id:x", null, null)]
    [InlineData("ssh://-oProxyCommand=id/x", null, null)]
    [InlineData("git@-oProxyCommand=id:x", null, null)]
    [InlineData("[git@example.net:2222]:acme/x", null, null)]
    [InlineData("example.net:ac@me/x", "example.net/ac@me/x", "example.net:ac@me/x")]
    [InlineData("file://other/x", null, null)]
    [InlineData("ftp://example.net/x", null, null)]
    [InlineData("relative/x", null, null)]
    [InlineData("", null, null)]
    public void An_address_has_one_name_or_is_none(string text, string? name, string? forGit)
    {
        var isGood = GitAddress.TryParse(text, out var address);
        Assert.Equal(name is not null, isGood);
        Assert.Equal(name, address?.Name);
        Assert.Equal(forGit, address?.Text);
    }

    [Theory]
    [InlineData("https://example.net/a/b", "https://example.net/")]
    [InlineData("http://127.0.0.1:8080/b", "http://127.0.0.1:8080/")]
    [InlineData("ssh://example.net/b", null)]
    public void Only_the_web_gets_a_password(string text, string? web)
    {
        Assert.True(GitAddress.TryParse(text, out var address));
        Assert.Equal(web, address.Web?.ToString());
    }
}
