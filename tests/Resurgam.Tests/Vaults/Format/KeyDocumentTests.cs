using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Format;

public sealed class KeyDocumentTests
{
    private static readonly ScryptCost Cheap = new(16, 1, 1);
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 14, 31, 4, TimeSpan.Zero);

    [Fact]
    public void A_key_file_of_restic_reads_and_is_written_byte_for_byte()
    {
        var key = KeyDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Key));

        Assert.Equal(("root", "vm", "scrypt"), (key.Username, key.Hostname, key.Kdf));
        Assert.Equal(new ScryptCost(32768, 8, 5), key.Cost);
        Assert.Equal((64, 160), (key.Salt.Length, key.Data.Length));
        Assert.Equal(GoldenDocuments.Key, Encoding.UTF8.GetString(key.Write()));
    }

    [Fact]
    public void The_key_of_restic_opens_its_config()
    {
        Assert.True(KeyDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Key)).TryOpen("geheim", out var master));

        var sealedConfig = Convert.FromHexString(GoldenDocuments.SealedConfig);
        var config = new byte[sealedConfig.Length - SealingKey.OverheadBytes];
        Assert.True(master.TryOpen(sealedConfig, config));
        Assert.Equal(GoldenDocuments.Config, Encoding.UTF8.GetString(config));
    }

    [Fact]
    public void A_new_key_opens_with_its_password_and_no_other()
    {
        SeededEntropy entropy = new(1);
        var master = SealingKey.Create(entropy);

        var key = KeyDocument.Read(KeyDocument.Create(master, "pässword", entropy, Now, "h", "u", Cheap).Write());

        Assert.True(key.TryOpen("pässword", out var opened));
        Assert.Equal(master.Encrypt, opened.Encrypt);
        Assert.Equal(master.MacK, opened.MacK);
        Assert.Equal(master.MacR, opened.MacR);
        Assert.False(key.TryOpen("password", out _));
        Assert.Equal(("h", "u", Cheap), (key.Hostname, key.Username, key.Cost));
        Assert.Equal(Now, key.Created.ToDateTimeOffset());
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(1, 8, 1)]
    [InlineData(-2, 8, 1)]
    [InlineData(1000, 8, 1)]
    [InlineData(1024, 0, 1)]
    [InlineData(1024, 8, 0)]
    [InlineData(1024, -1, -1)]
    [InlineData(1 << 19, 8, 1)]
    [InlineData(1 << 30, int.MaxValue, int.MaxValue)]
    [InlineData(2, 1, int.MaxValue)]
    public void An_absurd_cost_is_refused_before_it_is_paid(int n, int r, int p)
    {
        var json = GoldenDocuments
            .Key.Replace("\"N\":32768", $"\"N\":{n}", StringComparison.Ordinal)
            .Replace("\"r\":8", $"\"r\":{r}", StringComparison.Ordinal)
            .Replace("\"p\":5", $"\"p\":{p}", StringComparison.Ordinal);

        var refusal = Assert.Throws<ResurgamException>(() => KeyDocument.Read(GoldenDocuments.Utf8(json)));

        Assert.Equal("vault-key-cost", refusal.Problem.Code);
        Assert.Contains($"N={n}, r={r}, p={p}", refusal.Problem.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"scrypt\"", "\"argon2\"", "its key derivation is 'argon2', not scrypt")]
    [InlineData("\"salt\":\"", "\"salt\":\"AAAA", "its salt has 67 bytes, not 64")]
    [InlineData("\"data\":\"", "\"data\":\"AAAA\",\"was\":\"", "its data have 3 bytes, which nothing sealed has")]
    public void A_wrong_field_is_named(string old, string other, string wrong)
    {
        var json = GoldenDocuments.Key.Replace(old, other, StringComparison.Ordinal);

        var refusal = Assert.Throws<ResurgamException>(() => KeyDocument.Read(GoldenDocuments.Utf8(json)));

        Assert.Equal($"the key file is malformed: {wrong}", refusal.Problem.What);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"mac":{"k":"AAAAAAAAAAAAAAAAAAAAAA==","r":"AAAAAAAAAAAAAAAAAAAAAA=="},"encrypt":"AA=="}""")]
    public void What_is_sealed_and_is_no_key_is_refused(string master)
    {
        SeededEntropy entropy = new(2);
        var key = KeyDocument.Create(SealingKey.Create(entropy), "p", entropy, Now, "h", "u", Cheap);
        var data = new byte[master.Length + SealingKey.OverheadBytes];
        SealingKey
            .FromPassword("p", key.Salt.Span, 16, 1, 1)
            .Seal(
                Encoding.UTF8.GetBytes(master),
                new byte[15]
                    .Append((byte)1)
                    .ToArray(),
                data
            );

        var refusal = Assert.Throws<ResurgamException>(() => (key with { Data = data }).TryOpen("p", out _));

        Assert.StartsWith("the master key is malformed: ", refusal.Problem.What, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", refusal.Problem.What, StringComparison.Ordinal);
    }
}
