using System.Numerics;
using CsCheck;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Vaults.Sealing;

public sealed class Poly1305Tests
{
    private static readonly BigInteger Prime = (BigInteger.One << 130) - 5;

    /// <summary>r, nonce, message, tag.</summary>
    public static TheoryData<string, string, string, string> Published =>
        new()
        {
            // RFC 8439 section 2.5.2.
            {
                "85d6be7857556d337f4452fe42d506a8",
                "0103808afb0db2fd4abff6af4149f51b",
                Convert.ToHexString("Cryptographic Forum Research Group"u8),
                "a8061dc1305136c6c22b8baf0c0127a9"
            },
            // Bernstein's paper, appendix B: message of 2, 0, 32 and 63 bytes.
            {
                "851fc40c3467ac0be05cc20404f3f700",
                "580b3b0f9447bb1e69d095b5928b6dbc",
                "f3f6",
                "f4c633c3044fc145f84f335cb81953de"
            },
            {
                "a0f3080000f46400d0c7e9076c834403",
                "dd3fab2251f11ac759f0887129cc2ee7",
                "",
                "dd3fab2251f11ac759f0887129cc2ee7"
            },
            {
                "48443d0bb0d21109c89a100b5ce2c208",
                "83149c69b561dd88298a1798b10716ef",
                "663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136",
                "0ee1c16bb73f0f4fd19881753c01cdbe"
            },
            {
                "12976a08c4426d0ce8a82407c4f48207",
                "80f8c20aa71202d1e29179cbcb555a57",
                "ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67"
                    + "fa83e158c994d961c4cb21095c1bf9",
                "5154ad0d2cb26e01274fc51148491f1b"
            },
            // RFC 8439 appendix A.3, numbers 7 to 11: results around 2^130 - 5 and 2^128.
            {
                "02000000000000000000000000000000",
                "00000000000000000000000000000000",
                "ffffffffffffffffffffffffffffffff",
                "03000000000000000000000000000000"
            },
            {
                "02000000000000000000000000000000",
                "ffffffffffffffffffffffffffffffff",
                "02000000000000000000000000000000",
                "03000000000000000000000000000000"
            },
            {
                "01000000000000000000000000000000",
                "00000000000000000000000000000000",
                "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000",
                "05000000000000000000000000000000"
            },
            {
                "01000000000000000000000000000000",
                "00000000000000000000000000000000",
                "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101",
                "00000000000000000000000000000000"
            },
            {
                "02000000000000000000000000000000",
                "00000000000000000000000000000000",
                "fdffffffffffffffffffffffffffffff",
                "faffffffffffffffffffffffffffffff"
            },
            {
                "01000000000000000400000000000000",
                "00000000000000000000000000000000",
                "e33594d7505e43b900000000000000003394d7505e4379cd01000000000000000000000000000000000000000000000001"
                    + "000000000000000000000000000000",
                "14000000000000005500000000000000"
            },
        };

    [Theory]
    [MemberData(nameof(Published))]
    public void Published_examples_come_out(string r, string nonce, string message, string tag)
    {
        Assert.Equal(tag, Tag(r, nonce, message, portable: false));
        Assert.Equal(tag, Tag(r, nonce, message, portable: true));
    }

    [Fact]
    public void Both_ways_are_what_the_definition_says() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Byte.Array[16], Gen.Byte.Array[0, 700])
            .Sample(
                (r, nonce, message) =>
                {
                    var expected = Definition(r, nonce, message);
                    return Tag(r, nonce, message, portable: false).AsSpan().SequenceEqual(expected)
                        && Tag(r, nonce, message, portable: true).AsSpan().SequenceEqual(expected);
                },
                iter: 2000
            );

    [Fact]
    public void The_largest_numbers_do_not_overflow_a_limb()
    {
        var ones = Enumerable.Repeat((byte)0xFF, 16).ToArray();
        for (var length = 0; length < 1000; length++)
        {
            var message = Enumerable.Repeat((byte)0xFF, length).ToArray();
            var expected = Definition(ones, ones, message);
            Assert.Equal(expected, Tag(ones, ones, message, portable: false));
            Assert.Equal(expected, Tag(ones, ones, message, portable: true));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pieces_make_the_same_as_one_call(bool portable) =>
        Gen.Select(Gen.Byte.Array[16], Gen.Byte.Array[0, 2000], Gen.Int[0, 120].Array[0, 20])
            .Sample(
                (r, message, pieceBlocks) =>
                {
                    Poly1305 poly = new(r, portable);
                    Poly1305.Accumulator sum = default;
                    ReadOnlySpan<byte> rest = message;
                    foreach (var blocks in pieceBlocks)
                    {
                        var bytes = int.Min(blocks, rest.Length / 16) * 16;
                        poly.Absorb(ref sum, rest[..bytes]);
                        rest = rest[bytes..];
                    }
                    var tag = new byte[16];
                    poly.Finish(ref sum, rest, r, tag);
                    return tag.AsSpan().SequenceEqual(Tag(r, r, message, portable));
                },
                iter: 500
            );

    private static string Tag(string r, string nonce, string message, bool portable) =>
        Convert.ToHexStringLower(
            Tag(Convert.FromHexString(r), Convert.FromHexString(nonce), Convert.FromHexString(message), portable)
        );

    private static byte[] Tag(byte[] r, byte[] nonce, byte[] message, bool portable)
    {
        var tag = new byte[16];
        Poly1305.Accumulator sum = default;
        new Poly1305(r, portable).Finish(ref sum, message, nonce, tag);
        return tag;
    }

    /// <summary>The formula of RFC 8439 section 2.5.1 with whole numbers: slow and obviously right.</summary>
    private static byte[] Definition(byte[] r, byte[] nonce, byte[] message)
    {
        var clamped = (byte[])r.Clone();
        foreach (var at in (int[])[3, 7, 11, 15])
            clamped[at] &= 15;
        foreach (var at in (int[])[4, 8, 12])
            clamped[at] &= 252;
        var multiplier = new BigInteger(clamped, isUnsigned: true);

        var sum = BigInteger.Zero;
        foreach (var block in message.Chunk(16))
            sum = (sum + new BigInteger([.. block, 1], isUnsigned: true)) * multiplier % Prime;
        sum += new BigInteger(nonce, isUnsigned: true);
        return [.. sum.ToByteArray(isUnsigned: true).Concat(new byte[17]).Take(16)];
    }
}
