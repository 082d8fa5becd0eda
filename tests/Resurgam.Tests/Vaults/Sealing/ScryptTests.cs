using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Vaults.Sealing;

public sealed class ScryptTests
{
    // RFC 7914 section 12; its fourth example takes 1 GiB, which is above our limit.
    [Theory]
    [InlineData(
        "",
        "",
        16,
        1,
        1,
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
    )]
    [InlineData(
        "password",
        "NaCl",
        1024,
        8,
        16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
    )]
    [InlineData(
        "pleaseletmein",
        "SodiumChloride",
        16384,
        8,
        1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    )]
    public void Published_examples_come_out(string password, string salt, int n, int r, int p, string output)
    {
        var bytes = new byte[64];
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), n, r, p, bytes);
        Assert.Equal(output, Convert.ToHexStringLower(bytes));
    }

    // What Python's hashlib.scrypt gives: an odd r, and the smallest N.
    [Theory]
    [InlineData(2, 3, 2, "f20f3d07f01f19540d3305e575fee60f6c948043")]
    [InlineData(64, 5, 3, "18ae848831e4c8056469e5a743a12de429da28e9")]
    public void Unusual_parameters_give_what_other_implementations_give(int n, int r, int p, string output)
    {
        var bytes = new byte[20];
        Scrypt.DeriveKey("pass"u8, "salt"u8, n, r, p, bytes);
        Assert.Equal(output, Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData(0, 8, 1, "power of two")]
    [InlineData(1, 8, 1, "power of two")]
    [InlineData(32767, 8, 1, "power of two")]
    [InlineData(-32768, 8, 1, "power of two")]
    [InlineData(32768, 0, 1, "at least 1")]
    [InlineData(32768, 8, 0, "at least 1")]
    [InlineData(32768, 8, -1, "at least 1")]
    [InlineData(2, 1 << 15, 1 << 15, "less than 2^30")]
    [InlineData(1 << 30, 8, 1, "256 MiB")]
    [InlineData(1 << 30, int.MaxValue, 1, "2^30")]
    [InlineData(2, 1, 1 << 29, "256 MiB")]
    [InlineData(1 << 18, 8, 33, "takes minutes")]
    public void Absurd_parameters_are_refused_before_any_work(int n, int r, int p, string why)
    {
        var refusal = Assert.Throws<ResurgamException>(() => Scrypt.DeriveKey([], [], n, r, p, new byte[64]));

        Assert.Equal("vault-key-cost", refusal.Problem.Code);
        Assert.Contains(why, refusal.Problem.What, StringComparison.Ordinal);
    }
}
