using CsCheck;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Vaults.Sealing;

public sealed class AesCtrTests
{
    private static readonly byte[] Key = Convert.FromHexString(
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
    );

    // NIST SP 800-38A, F.5.5.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_published_example_comes_out(bool portable)
    {
        var plain = Convert.FromHexString(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
        );
        var cipher = new byte[plain.Length];

        new AesCtr(Key, portable).Transform(plain, cipher, new UInt128(0xf0f1f2f3f4f5f6f7, 0xf8f9fafbfcfdfeff));

        Assert.Equal(
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
                + "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
            Convert.ToHexStringLower(cipher)
        );
    }

    public static TheoryData<UInt128> Counters =>
        [
            UInt128.One,
            UInt128.MaxValue,
            UInt128.MaxValue - 7,
            (UInt128)(ulong.MaxValue),
            (UInt128)(ulong.MaxValue - 8),
            (UInt128)(ulong.MaxValue - 100),
            new UInt128(7, ulong.MaxValue - 16),
        ];

    [Theory]
    [MemberData(nameof(Counters))]
    public void Both_ways_agree_at_every_length_and_around_every_wrap(UInt128 counter)
    {
        AesCtr fast = new(Key);
        AesCtr portable = new(Key, portable: true);
        var plain = Enumerable.Range(0, 1100).Select(at => unchecked((byte)(at * 31))).ToArray();
        for (var length = 0; length <= plain.Length; length++)
        {
            var (one, other) = (new byte[length], new byte[length]);
            var next = fast.Transform(plain.AsSpan(0, length), one, counter);
            Assert.Equal(next, portable.Transform(plain.AsSpan(0, length), other, counter));
            Assert.Equal(one, other);
        }
    }

    [Fact]
    public void Both_ways_agree_on_long_input() =>
        Gen.Select(Gen.Byte.Array[10_000, 70_000], Gen.ULong, Gen.ULong)
            .Sample(
                (plain, high, low) =>
                {
                    var (one, other) = (new byte[plain.Length], new byte[plain.Length]);
                    new AesCtr(Key).Transform(plain, one, new UInt128(high, low));
                    new AesCtr(Key, portable: true).Transform(plain, other, new UInt128(high, low));
                    return one.AsSpan().SequenceEqual(other);
                },
                iter: 50
            );

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pieces_of_whole_blocks_make_the_same_as_one_call(bool portable)
    {
        AesCtr cipher = new(Key, portable);
        var plain = Enumerable.Range(0, 5000).Select(at => unchecked((byte)at)).ToArray();
        var (whole, pieces) = (new byte[plain.Length], new byte[plain.Length]);
        cipher.Transform(plain, whole, ulong.MaxValue - 3);

        UInt128 counter = ulong.MaxValue - 3;
        for (var at = 0; at < plain.Length; at += 272)
        {
            var bytes = int.Min(272, plain.Length - at);
            counter = cipher.Transform(plain.AsSpan(at, bytes), pieces.AsSpan(at, bytes), counter);
        }

        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void Input_and_output_may_be_the_same_memory()
    {
        var bytes = Enumerable.Range(0, 3000).Select(at => unchecked((byte)at)).ToArray();
        var apart = new byte[bytes.Length];
        AesCtr cipher = new(Key);
        cipher.Transform(bytes, apart, 9);

        cipher.Transform(bytes, bytes, 9);

        Assert.Equal(apart, bytes);
    }
}
