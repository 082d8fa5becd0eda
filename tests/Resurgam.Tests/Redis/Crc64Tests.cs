using Resurgam.Core.Redis;

namespace Resurgam.Tests.Redis;

public sealed class Crc64Tests
{
    /// <summary>The check value of Redis' own self-test (<c>crc64.c</c>).</summary>
    [Fact]
    public void It_is_the_checksum_of_redis() => Assert.Equal(0xE9C6D914C4B8D9CA, Crc64.Append(0, "123456789"u8));

    [Fact]
    public void Pieces_give_the_same_as_the_whole()
    {
        var bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        var whole = Crc64.Append(0, bytes);
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(whole, Crc64.Append(Crc64.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
    }
}
