using System.Text;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class StoredJsonTests
{
    private static readonly byte[] Long = Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('x', 300_000)}\"}}");

    [Fact]
    public void A_long_document_is_compressed_and_reads_back()
    {
        var packed = Pack(Long);

        Assert.Equal(2, packed[0]);
        Assert.InRange(packed.Length, 10, 1_000);
        Assert.Equal(Long, StoredJson.Unpack(packed, Long.Length));
    }

    [Fact]
    public void A_short_document_stays_as_it_is()
    {
        Assert.Equal("{}"u8.ToArray(), Pack("{}"u8));
        Assert.Equal("[1]"u8.ToArray(), StoredJson.Unpack("[1]"u8, 3));
    }

    [Fact]
    public void A_document_beyond_the_limit_is_refused()
    {
        Assert.Throws<ResurgamException>(() => StoredJson.Unpack(Pack(Long), Long.Length - 1));
        Assert.Throws<ResurgamException>(() => StoredJson.Unpack("{}"u8, 1));
    }

    [Fact]
    public void Frames_without_a_content_size_and_several_frames_read()
    {
        // What `zstd -3 --no-content-size --no-check` makes of the long document.
        var frame = Convert.FromHexString(
            "28b52ffd00587c0000387b2261223a22780100f6ff393002020010785d00001878227d0100e2131d0801"
        );

        Assert.Equal([.. Long, .. Long], StoredJson.Unpack([2, .. frame, .. frame], long.MaxValue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("02")]
    [InlineData("0228b52ffd")]
    [InlineData("02ffffffffffff")]
    public void Other_bytes_are_refused(string hex) =>
        Assert.Equal(
            "vault-format",
            Assert.Throws<ResurgamException>(() => StoredJson.Unpack(Convert.FromHexString(hex), 100)).Problem.Code
        );

    [Fact]
    public void A_frame_cut_off_anywhere_is_refused()
    {
        var packed = Pack(Encoding.UTF8.GetBytes(GoldenDocuments.Tree));
        for (var length = 0; length < packed.Length; length++)
            Assert.Throws<ResurgamException>(() => StoredJson.Unpack(packed.AsSpan(0, length), 100_000));
    }

    [Fact]
    public void Changed_bytes_are_read_or_refused()
    {
        var packed = Pack(Encoding.UTF8.GetBytes(GoldenDocuments.Tree));
        Gen.Select(Gen.Int[1, packed.Length - 1], Gen.Byte)
            .Sample(
                (place, value) =>
                {
                    var changed = packed.ToArray();
                    changed[place] = value;
                    Malformed.OrFine(() => StoredJson.Unpack(changed, 100_000));
                },
                iter: 2_000
            );
    }

    private static byte[] Pack(ReadOnlySpan<byte> json)
    {
        var packed = new byte[StoredJson.MostPackedBytes(json.Length)];
        return packed[..StoredJson.Pack(json, packed)];
    }
}
