using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Media;

namespace Resurgam.Tests.Vaults.Media;

public sealed class TarHeaderTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("VOLUME.json", 0)]
    [InlineData(
        "vault/generations/2026-11/data/ab/abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
        16 << 20
    )]
    [InlineData(
        "vault/generations/2026-11/wal/an-asset-with-a-name-of-forty-letters-xx/00000001/0000000001000000-01000000",
        8_589_934_591
    )]
    public void A_header_is_read_as_it_was_written_and_no_other_bit_pattern_is(string name, long length)
    {
        var block = new byte[TarHeader.BlockBytes];
        TarHeader header = new(name, length, TarHeader.FileType);
        header.Write(block, At);

        Assert.True(TarHeader.TryRead(block, out var read));
        Assert.Equal(header, read);
        for (var bit = 0; bit < 8 * block.Length; bit++)
        {
            block[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(TarHeader.TryRead(block, out var hurt) && hurt != header, $"bit {bit}: {hurt}");
            block[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_digest_is_a_pax_comment()
    {
        var digest = BlobId.Of("x"u8);
        var record = TarDigest.Write(digest);

        Assert.Equal(TarDigest.LengthBytes, record.Length);
        Assert.True(TarDigest.TryRead(record, out var read));
        Assert.Equal(digest, read);
        record[20] = (byte)'z';
        Assert.False(TarDigest.TryRead(record, out _));
        Assert.False(TarDigest.TryRead([], out _));
    }
}
