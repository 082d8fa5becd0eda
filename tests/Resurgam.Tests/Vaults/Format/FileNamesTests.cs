using System.Text.RegularExpressions;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class FileNamesTests
{
    /// <summary>Names with many bytes that start, continue and break UTF-8.</summary>
    internal static readonly Gen<byte[]> Bytes = Gen.OneOf(
        Gen.Byte.Array[0, 12],
        Gen.OneOf(new byte[] { 0x61, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xED, 0xA0, 0xC3, 0xFF }).Array[0, 8]
    );

    [Theory]
    [InlineData("6162", "ab")]
    [InlineData("ff61", @"\uDCFFa")]
    [InlineData("e282", @"\uDCE2\uDC82")]
    [InlineData("e282ac", "€")]
    [InlineData("f09f9880", "😀")]
    [InlineData("eda080", @"\uDCED\uDCA0\uDC80")]
    [InlineData("f09f98f09f9880", @"\uDCF0\uDC9F\uDC98😀")]
    public void Bytes_that_are_not_utf8_become_lone_surrogates(string hex, string escapedName)
    {
        var name = Regex.Unescape(escapedName); // an attribute cannot hold a lone surrogate
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(name, FileNames.Decode(bytes));
        Assert.Equal(bytes, FileNames.Encode(name));
    }

    [Fact]
    public void Any_bytes_survive_the_way_through_a_string() =>
        Bytes.Sample(bytes => Assert.Equal(bytes, FileNames.Encode(FileNames.Decode(bytes))));

    [Fact]
    public void Names_are_in_the_order_of_their_bytes() =>
        Gen.Select(Bytes, Bytes)
            .Sample(
                (a, b) =>
                    Assert.Equal(
                        Math.Sign(a.AsSpan().SequenceCompareTo(b)),
                        Math.Sign(FileNames.CompareBytes(FileNames.Decode(a), FileNames.Decode(b)))
                    ),
                iter: 20_000
            );

    [Fact]
    public void The_order_of_characters_beyond_16_bits_is_that_of_the_bytes() =>
        Assert.True(FileNames.CompareBytes("\uFFFD", "😀") < 0);

    [Theory]
    [InlineData(@"a\uD800")]
    [InlineData(@"\uDC7F")]
    [InlineData(@"\uD800\uDCFF\uDBFF")]
    public void A_surrogate_that_stands_for_no_byte_is_refused(string escapedName) =>
        Assert.Equal(
            "vault-node-refused",
            Assert.Throws<ResurgamException>(() => FileNames.Encode(Regex.Unescape(escapedName))).Problem.Code
        );
}
