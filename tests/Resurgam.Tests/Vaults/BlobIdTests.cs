using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Vaults;

public sealed class BlobIdTests
{
    [Fact]
    public void The_id_of_nothing_is_the_known_hash() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", BlobId.Of([]).Hex);

    [Fact]
    public void Hex_reads_back() =>
        Assert.True(BlobId.TryParse(BlobId.Of("a"u8).Hex, out var id) && id == BlobId.Of("a"u8));

    [Theory]
    [InlineData("")]
    [InlineData("e3b0")]
    [InlineData("z3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Other_text_is_not_an_id(string text) => Assert.False(BlobId.TryParse(text, out _));
}
