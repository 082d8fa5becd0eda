using CsCheck;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Keys;

public sealed class ShamirSharingTests
{
    [Fact]
    public void Multiplication_is_that_of_polynomials_modulo_the_fields_own()
    {
        for (var left = 0; left < 256; left++)
        for (var right = 0; right < 256; right++)
            Assert.Equal(Product(left, right), ShamirSharing.Multiply((byte)left, (byte)right));
    }

    [Fact]
    public void An_inverse_times_its_value_is_one()
    {
        Assert.Equal(0, ShamirSharing.Invert(0));
        for (var value = 1; value < 256; value++)
            Assert.Equal(1, ShamirSharing.Multiply((byte)value, ShamirSharing.Invert((byte)value)));
    }

    /// <summary>FIPS 197, section 4.2: {57} times {83} is {c1}, and {57} times {13} is {fe}.</summary>
    [Theory]
    [InlineData(0x57, 0x83, 0xC1)]
    [InlineData(0x57, 0x13, 0xFE)]
    public void The_field_is_that_of_aes(byte left, byte right, byte product) =>
        Assert.Equal(product, ShamirSharing.Multiply(left, right));

    [Fact]
    public void Any_threshold_of_parts_in_any_order_gives_the_secret() =>
        Cases.Sample(
            (secret, threshold, more, seed) =>
            {
                var parts = ShamirSharing.Split(secret, threshold, threshold + more, new SeededEntropy(seed));
                var order = Enumerable.Range(0, parts.Length).ToArray();
                new Random(seed).Shuffle(order);
                Assert.Equal(secret, ShamirSharing.Combine(Chosen(parts, order.Take(threshold))));
                Assert.Equal(secret, ShamirSharing.Combine(Chosen(parts, order)));
            }
        );

    /// <summary>The definition: with one part less, every secret has exactly one part that would complete it.</summary>
    [Fact]
    public void With_one_part_less_every_secret_is_as_likely_as_any_other()
    {
        for (var threshold = 2; threshold <= 4; threshold++)
        {
            var parts = ShamirSharing.Split([42], threshold, threshold, new SeededEntropy(threshold));
            HashSet<byte> secrets = [];
            for (var last = 0; last < 256; last++)
            {
                parts[^1] = [(byte)last];
                secrets.Add(ShamirSharing.Combine(Chosen(parts, Enumerable.Range(0, threshold)))[0]);
            }
            Assert.Equal(256, secrets.Count);
        }
    }

    private static Gen<(byte[], int, int, int)> Cases =>
        Gen.Select(Gen.Byte.Array[32], Gen.Int[2, 8], Gen.Int[0, 8], Gen.Int);

    private static List<(byte, ReadOnlyMemory<byte>)> Chosen(byte[][] parts, IEnumerable<int> indexes) =>
        [.. indexes.Select(index => ((byte)(index + 1), (ReadOnlyMemory<byte>)parts[index]))];

    /// <summary>By the book: multiply without carries, then divide by 100011011.</summary>
    private static byte Product(int left, int right)
    {
        var product = 0;
        for (var bit = 0; bit < 8; bit++)
            if ((right & (1 << bit)) != 0)
                product ^= left << bit;
        for (var bit = 15; bit >= 8; bit--)
            if ((product & (1 << bit)) != 0)
                product ^= 0x11B << (bit - 8);
        return (byte)product;
    }
}
