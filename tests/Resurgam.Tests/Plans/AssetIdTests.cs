using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class AssetIdTests
{
    [Theory]
    [InlineData("db")]
    [InlineData("0-a_b")]
    [InlineData("a123456789012345678901234567890123456789")]
    public void An_asset_has_a_plain_name(string text)
    {
        Assert.True(AssetId.TryParse(text, out var id));
        Assert.Equal(text, id.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("_a")]
    [InlineData("Db")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("a1234567890123456789012345678901234567890")]
    public void Other_text_is_no_name(string text)
    {
        Assert.False(AssetId.TryParse(text, out _));
        Assert.Throws<ArgumentException>(() => new AssetId(text));
    }
}
