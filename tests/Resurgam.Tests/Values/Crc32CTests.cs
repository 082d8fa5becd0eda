using CsCheck;
using Resurgam.Core.Values;

namespace Resurgam.Tests.Values;

public sealed class Crc32CTests
{
    // RFC 3720 appendix B.4, and the check value of the catalogue of CRCs.
    [Fact]
    public void Published_examples_come_out()
    {
        Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Append(0, new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Append(0, [.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Append(0, [.. Enumerable.Range(0, 32).Select(at => (byte)at)]));
        Assert.Equal(0x113FDB5Cu, Crc32C.Append(0, [.. Enumerable.Range(0, 32).Select(at => (byte)(31 - at))]));
        Assert.Equal(0u, Crc32C.Append(0, []));
    }

    [Fact]
    public void The_instructions_and_the_table_agree_at_every_length()
    {
        var bytes = Bytes(30_000);
        for (var length = 0; length < 2_000; length++)
            Assert.Equal(ByTable(bytes[..length]), Crc32C.Append(0, bytes.AsSpan(0, length)));
        for (var length = 2_000; length < bytes.Length; length += 331)
            Assert.Equal(ByTable(bytes[..length]), Crc32C.Append(0, bytes.AsSpan(0, length)));
    }

    [Fact]
    public void Appending_goes_on_where_the_last_ended() =>
        Gen.Select(Gen.Byte.Array[0, 20_000], Gen.Byte.Array[0, 20_000])
            .Sample((a, b) => Crc32C.Append(Crc32C.Append(0, a), b) == ByTable([.. a, .. b]), iter: 100);

    [Fact]
    public void Two_checksums_combine_into_that_of_both() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300])
            .Sample((a, b) => Crc32C.Combine(Of(a), Of(b), b.Length) == Of([.. a, .. b]));

    [Fact]
    public void A_suffix_comes_off_again() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300])
            .Sample((a, b) => Crc32C.RemoveSuffix(Of([.. a, .. b]), Of(b), b.Length) == Of(a));

    [Fact]
    public void Any_length_combines_and_comes_off_again() =>
        Gen.Select(Gen.UInt, Gen.UInt, Gen.Long[0, long.MaxValue])
            .Sample((a, b, length) => Crc32C.RemoveSuffix(Crc32C.Combine(a, b, length), b, length) == a);

    [Fact]
    public void Lengths_add_up() =>
        Gen.Select(Gen.UInt, Gen.Long[0, 1L << 61], Gen.Long[0, 1L << 61])
            .Sample(
                (crc, one, other) =>
                    Crc32C.Combine(Crc32C.Combine(crc, 0, one), 0, other) == Crc32C.Combine(crc, 0, one + other)
            );

    [Fact]
    public void A_block_in_the_middle_can_be_replaced() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 64], Gen.Byte.Array[0, 300], Gen.Byte)
            .Sample(
                (before, old, after, change) =>
                {
                    byte[] other = [.. old.Select((value, at) => unchecked((byte)(value * 3 + change + at)))];
                    var replaced = Crc32C.Replace(Of([.. before, .. old, .. after]), Of(old), Of(other), after.Length);
                    return replaced == Of([.. before, .. other, .. after]);
                }
            );

    [Fact]
    public void Gigabytes_of_zeros_combine_as_if_they_had_been_read()
    {
        // 2^31 bytes by doubling, against one combination.
        var crc = Of([0]);
        for (var length = 1L; length < 1L << 31; length *= 2)
            crc = Crc32C.Combine(crc, crc, length);
        var half = Crc32C.Append(0, new byte[1 << 20]);
        for (var length = 1L << 20; length < 1L << 31; length *= 2)
            half = Crc32C.Combine(half, half, length);
        Assert.Equal(half, crc);
    }

    [Fact]
    public void X_has_the_order_that_division_counts_on()
    {
        // A prime, so the order is this or 1; and x is not one.
        const uint x = 0x4000_0000;
        var power = x;
        for (var bit = 1; bit < 31; bit++)
            power = Crc32C.Multiply(Crc32C.Multiply(power, power), x);
        Assert.Equal(0x8000_0000u, power);
        Assert.Equal((1u << 31) - 1, Crc32C.OrderOfX);
    }

    [Fact]
    public void A_negative_length_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Crc32C.Combine(1, 2, -1));

    private static uint Of(byte[] bytes) => Crc32C.Append(0, bytes);

    private static uint ByTable(byte[] bytes) => ~Crc32C.AppendByTable(~0u, bytes);

    private static byte[] Bytes(int length) =>
        [.. Enumerable.Range(0, length).Select(at => unchecked((byte)(at * 131 >> 3)))];
}
