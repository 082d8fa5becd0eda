using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Resurgam.Core.Assets;

namespace Resurgam.Tests.Assets;

public sealed class ExcludePatternTests
{
    [Theory]
    [InlineData("*.tmp", "a.tmp", true)]
    [InlineData("*.tmp", "deep/er/a.tmp", true)]
    [InlineData("*.tmp", "a.tmp/inside", false)] // its folder fits, and nobody asks
    [InlineData("*.tmp", "a.tmpx", false)]
    [InlineData("cache", "cache", true)]
    [InlineData("cache", "x/cache", true)]
    [InlineData("cache/", "x/cache", true)]
    [InlineData("/cache", "cache", true)]
    [InlineData("/cache", "x/cache", false)]
    [InlineData("cache/**", "cache/a", true)]
    [InlineData("cache/**", "cache/a/b", true)]
    [InlineData("cache/**", "cache", false)] // the folder itself stays, empty
    [InlineData("cache/**", "x/cache/a", false)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("a/**/z", "a/b/c/zz", false)]
    [InlineData("**/b/*.c", "b/x.c", true)]
    [InlineData("**/b/*.c", "a/b/b/x.c", true)]
    [InlineData("a/*", "a/b", true)]
    [InlineData("a/*", "a", false)]
    [InlineData("?.txt", "a.txt", true)]
    [InlineData("?.txt", "ab.txt", false)]
    [InlineData("?.txt", "😀.txt", true)] // one character of two UTF-16 units
    [InlineData("[a].txt", "[a].txt", true)] // no classes
    [InlineData("*", ".hidden", true)]
    [InlineData("**", "a", true)]
    public void A_pattern_fits_or_not(string pattern, string path, bool fits) =>
        Assert.Equal(fits, ExcludePattern.Parse(pattern).Fits(path));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData(".")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a//b")]
    public void What_can_fit_nothing_is_no_pattern(string text) => Assert.Null(ExcludePattern.TryParse(text));

    [Fact] // an attribute would not keep half of a surrogate pair
    public void A_byte_that_is_no_text_is_one_character() =>
        Assert.True(ExcludePattern.Parse("?.txt").Fits("\uDCFF.txt"));

    [Fact]
    public void Many_stars_take_no_longer_than_few()
    {
        var pattern = ExcludePattern.Parse(
            string.Concat(Enumerable.Repeat("*a", 200)) + "/" + string.Concat(Enumerable.Repeat("**/*a/", 50)) + "z"
        );

        Assert.False(pattern.Fits(string.Join('/', Enumerable.Repeat(new string('a', 200), 200))));
    }

    [Fact]
    public void It_agrees_with_a_regular_expression() =>
        Gen.Select(Gen.Char["ab*?/"].Array[1, 12], Gen.Char["ab/"].Array[1, 12])
            .Sample(
                (pattern, path) =>
                {
                    var text = new string(pattern);
                    var name = Regex.Replace(new string(path), "/+", "/").Trim('/');
                    if (ExcludePattern.TryParse(text) is { } parsed && name.Length > 0)
                        Assert.True(
                            Regex.IsMatch(name, Expression(text)) == parsed.Fits(name),
                            $"'{text}' and '{name}': {Expression(text)}"
                        );
                },
                iter: 20_000
            );

    /// <summary>The meaning of a pattern, written a second time.</summary>
    private static string Expression(string pattern)
    {
        var isBound = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        var names = pattern.Trim('/').Split('/');
        StringBuilder expression = new(isBound ? "^" : "^(?:[^/]+/)*");
        foreach (var (index, name) in names.Index())
        {
            var isLast = index == names.Length - 1;
            if (name == "**")
                expression.Append(isLast ? "(?:[^/]+/)*[^/]+" : "(?:[^/]+/)*");
            else
                expression
                    .Append(
                        Regex
                            .Escape(name)
                            .Replace("\\*", "[^/]*", StringComparison.Ordinal)
                            .Replace("\\?", "[^/]", StringComparison.Ordinal)
                    )
                    .Append(isLast ? "" : "/");
        }
        return expression.Append('$').ToString();
    }
}
