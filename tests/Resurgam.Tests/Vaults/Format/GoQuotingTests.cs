using System.Text;
using CsCheck;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class GoQuotingTests
{
    [Theory]
    [InlineData("plain name-1.txt", "plain name-1.txt")]
    [InlineData("a\nb\"c\\d\te", @"a\nb\""c\\d\te")]
    [InlineData("\a\b\f\r\v\u0001\u007f", @"\a\b\f\r\v\x01\x7f")]
    [InlineData("äö€😀é", "äö€😀é")]
    [InlineData("\u00A0\u00AD\u2028\u200B\uFEFF\uE000", @"\u00a0\u00ad\u2028\u200b\ufeff\ue000")]
    [InlineData("\U000E0001\U0010FFFF", @"\U000e0001\U0010ffff")]
    [InlineData("\uFFFD", "\uFFFD")]
    public void Names_are_quoted_as_in_Go(string name, string quoted)
    {
        Assert.Equal(quoted, GoQuoting.Quote(name));
        Assert.Equal(FileNames.Encode(name), Unquote(quoted));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_quoted_as_bytes() =>
        Assert.Equal(@"a\xff\x80", GoQuoting.Quote("a\uDCFF\uDC80"));

    [Theory]
    [InlineData(@"\101\377\000", "41ff00")]
    [InlineData(@"\xe2\x82\xAC", "e282ac")]
    [InlineData(@"\u20AC\U0001F600", "e282acf09f9880")]
    [InlineData("\t", "09")]
    public void Every_escape_of_Go_reads(string quoted, string hex) =>
        Assert.Equal(Convert.FromHexString(hex), Unquote(quoted));

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\nb")]
    [InlineData(@"\")]
    [InlineData(@"\q")]
    [InlineData(@"\'")]
    [InlineData(@"\x1")]
    [InlineData(@"\x1g")]
    [InlineData(@"\u12")]
    [InlineData(@"\ud800")]
    [InlineData(@"\U00110000")]
    [InlineData(@"\UFFFFFFFF")]
    [InlineData(@"\400")]
    [InlineData(@"\18")]
    [InlineData(@"\189")]
    public void What_Go_refuses_is_refused(string quoted) => Assert.Null(Unquote(quoted));

    [Fact]
    public void Any_name_survives() =>
        FileNamesTests.Bytes.Sample(bytes => Assert.Equal(bytes, Unquote(GoQuoting.Quote(FileNames.Decode(bytes)))));

    [Fact]
    public void Any_text_is_unquoted_or_refused() => Gen.String.Sample(text => Unquote(text));

    private static byte[]? Unquote(string quoted)
    {
        var utf8 = Encoding.UTF8.GetBytes(quoted);
        var bytes = new byte[utf8.Length];
        var length = GoQuoting.Unquote(utf8, bytes);
        return length < 0 ? null : bytes[..length];
    }
}
