using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Keys;

namespace Resurgam.Tests.Keys;

public sealed class NewVaultSecretTests
{
    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("c5d1e4")]
    [InlineData("größer als nötig")]
    public void One_line_of_text_will_do(string secret) =>
        Assert.Equal(secret, NewVaultSecret.ReadText(new SecretBytes(Encoding.UTF8.GetBytes(secret))));

    /// <summary>In none of these would the last line of 'vault password', or a password file of restic, be the password.</summary>
    [Theory]
    [InlineData(new byte[] { 0x61, 0x0A, 0x62 }, "more than one line")]
    [InlineData(new byte[] { 0x61, 0x0D, 0x62 }, "more than one line")]
    [InlineData(new byte[] { 0x61, 0xFF, 0x62 }, "no text")]
    [InlineData(new byte[] { 0x61, 0x00, 0x62 }, "control character")]
    [InlineData(new byte[] { 0x61, 0x62, 0x20 }, "blank")]
    public void Anything_else_is_refused_and_not_repeated(byte[] secret, string how)
    {
        var e = Assert.Throws<ResurgamException>(() => NewVaultSecret.ReadText(new SecretBytes(secret)));

        Assert.Equal("secret-form", e.Problem.Code);
        Assert.Contains(how, e.Problem.What, StringComparison.Ordinal);
    }
}
