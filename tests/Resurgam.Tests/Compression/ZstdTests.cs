using CsCheck;
using Resurgam.Core.Compression;

namespace Resurgam.Tests.Compression;

public sealed class ZstdTests
{
    [Fact]
    public void What_was_compressed_comes_back() =>
        Gen.Byte[0, 3]
            .Array[0, 5_000]
            .Sample(plain =>
            {
                using ZstdCompressor compressor = new(level: 2);
                using ZstdDecompressor decompressor = new();
                var frame = new byte[ZstdCompressor.BoundFor(plain.Length)];
                frame = frame[..compressor.Compress(plain, frame)];

                var back = new byte[plain.Length];
                Assert.Equal(plain.Length, decompressor.Decompress(frame, back));
                Assert.Equal(plain, back);
            });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32 << 10)]
    [InlineData((128 << 10) - 1)]
    [InlineData(128 << 10)]
    [InlineData(3_000_000)]
    public void Bytes_without_any_order_fit_into_the_bound(int length)
    {
        var noise = new byte[length];
        new Random(1).NextBytes(noise);
        using ZstdCompressor compressor = new(level: 2);
        Assert.True(compressor.Compress(noise, new byte[ZstdCompressor.BoundFor(length)]) > 0);
    }

    [Fact]
    public void A_frame_that_does_not_fit_is_an_error_in_words_of_zstd()
    {
        using ZstdCompressor compressor = new(level: 2);
        using ZstdDecompressor decompressor = new();
        var frame = new byte[100];
        var length = compressor.Compress(new byte[1_000], frame);

        Assert.Throws<ZstdException>(() => decompressor.Decompress(frame.AsSpan(0, length), new byte[999]));
        Assert.Throws<ZstdException>(() => decompressor.Decompress(frame.AsSpan(0, length - 1), new byte[1_000]));
        var refused = Assert.Throws<ZstdException>(() => compressor.Compress(new byte[1_000], new byte[3]));
        Assert.Contains("too small", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_may_come_and_go_in_pieces()
    {
        using ZstdCompressor compressor = new(level: 2);
        using ZstdDecompressor decompressor = new();
        var plain = Enumerable.Range(0, 1_000).Select(i => (byte)(i % 7)).ToArray();
        var frame = new byte[ZstdCompressor.BoundFor(plain.Length)];
        ReadOnlySpan<byte> rest = frame.AsSpan(0, compressor.Compress(plain, frame));

        List<byte> back = [];
        var piece = new byte[100];
        for (var isAtEnd = false; !isAtEnd; )
        {
            isAtEnd = decompressor.DecompressSome(
                rest[..Math.Min(10, rest.Length)],
                piece,
                out var consumed,
                out var written
            );
            rest = rest[consumed..];
            back.AddRange(piece.AsSpan(0, written));
        }

        Assert.Equal(plain, back);
        Assert.True(rest.IsEmpty);
    }
}
