using Resurgam.Core.Git;

namespace Resurgam.Tests.Git;

public sealed class GitSpanTests
{
    [Theory]
    [InlineData("3f5f1f0", null, "3f5f1f0")]
    [InlineData("tags/v1.2", null, "tags/v1.2")]
    [InlineData("0d6fa9a..3f5f1f0", "0d6fa9a", "3f5f1f0")]
    [InlineData("tags/a/b-1..", "tags/a/b-1", null)]
    [InlineData("tags/a..tags/b", "tags/a", "tags/b")]
    public void What_means_the_same_tomorrow_is_read(string text, string? after, string? until)
    {
        Assert.True(GitSpan.TryParse(text, out var span));
        Assert.Equal(new GitSpan(after, until), span);
        Assert.Equal(text, span.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("..3f5f1f0")]
    [InlineData("HEAD")]
    [InlineData("HEAD^")]
    [InlineData("main")]
    [InlineData("3f5f1f")]
    [InlineData("3F5F1F0")]
    [InlineData("3f5f1f0^")]
    [InlineData("3f5f1f0...0d6fa9a")]
    [InlineData("3f5f1f0..0d6fa9a..aaaaaaa")]
    [InlineData("tags/")]
    [InlineData("tags/-x")]
    [InlineData("tags/a..b")]
    [InlineData("3f5f1f0\n")]
    public void What_could_mean_another_commit_is_not(string text) => Assert.False(GitSpan.TryParse(text, out _));

    [Fact]
    public void Its_tags_are_known_by_their_whole_names() =>
        Assert.Equal(["refs/tags/a", "refs/tags/b"], new GitSpan("tags/a", "tags/b").Tags);
}
