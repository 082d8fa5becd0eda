using System.Text;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Vaults.Sealing;

public sealed class SealingKeyTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(1, 64).Select(at => (byte)at)];
    private static readonly byte[] Iv = [.. Enumerable.Repeat((byte)7, 16)];

    // Made by restic 0.14.0: init, then the key file, the config file, "cat masterkey" and "cat config".
    private const string ResticSalt =
        "iu5+OPbY1nLpixa8MBLOrE0ZMVZhs5aeluWDjo9RRlfp1I98e1nXzR2xq60EDZce8r08wy1WacthkcEsNwsPYQ==";

    private const string ResticMasterKey =
        "V0/dFM6bYak5LcWEtu+NtDlKX8pUXv2m2dCNIaytvOvLE93fOErbtMQj0rH74eRq1CbORUhz7Bal8khDMRUcycG2rsexiOa3DFkkamLQO0/n"
        + "1djxVg3o+ZN7C/SoUpKnZ8nsLxzJ35JbvB17wDVdni2zukY3OgfZ66pxKSRqzlT7jrWAhy0NDe+9NMvBjFaKkWKWIRXQOaLzMYd4UH+O4w==";

    private const string ResticConfig =
        "d75b3424fe8208006d6abb5d9c0e02f6f30496e33737ff36a72af68d8c3575819515cd8ccd9c8be76e4c6f945bc0973d74716f5cbac2"
        + "c88e0a09c1142859f50aa1926e3f99cad948e46a066cdf04e46620fec146808f0ae54bec976cec768c22e446df1e1b424f9941b7ade8"
        + "015a7d992319551b138482f912b6ad788a3069b2cdad4ce932e5a489bbb50afca6f1e042cdfcbe6c5b10af73423b50";

    [Fact]
    public void A_password_opens_what_restic_sealed_with_it()
    {
        var key = SealingKey.FromPassword("correct horse", Convert.FromBase64String(ResticSalt), 32768, 8, 4);

        var masterKey = Open(key, Convert.FromBase64String(ResticMasterKey));

        Assert.NotNull(masterKey);
        Assert.Contains(
            "\"k\":\"2TAin+oerXrZaEd9zOaBJw==\"",
            Encoding.UTF8.GetString(masterKey),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_master_key_opens_what_restic_sealed_with_it_and_seals_it_just_so(bool portable)
    {
        SealingKey key = new(
            Convert.FromBase64String("T2SrjzY6gR80x0bhiyZOEkI0r6zKU6xNvV0crOYtayM="),
            Convert.FromBase64String("2TAin+oerXrZaEd9zOaBJw=="),
            Convert.FromBase64String("l3FmDiAj3ApQCVkP8CSLCw=="),
            portable
        );
        var sealedBytes = Convert.FromHexString(ResticConfig);

        var config = Open(key, sealedBytes);

        Assert.NotNull(config);
        Assert.Equal(
            """{"version":2,"id":"6b013aad37312d1f2f901e3638d70e1f767ac0428833c87a533d6107348a2eab","""
                + "\"chunker_polynomial\":\"23755230ef0d99\"}",
            Encoding.UTF8.GetString(config)
        );
        Assert.Equal(sealedBytes, Seal(key, config, sealedBytes[..16]));
    }

    [Fact]
    public void What_is_sealed_one_way_opens_the_other_way() =>
        Gen.Select(Gen.Byte.Array[64], Gen.Byte.Array[16], Gen.Byte.Array[0, 40_000])
            .Where((bytes, iv, _) => iv.Any(value => value != 0) && bytes[33] != 0 && bytes[49] != 0 && bytes[1] != 0)
            .Sample(
                (bytes, iv, plain) =>
                {
                    var (fast, portable) = (Key(bytes, portable: false), Key(bytes, portable: true));
                    var sealedBytes = Seal(fast, plain, iv);
                    return sealedBytes.AsSpan().SequenceEqual(Seal(portable, plain, iv))
                        && plain.AsSpan().SequenceEqual(Open(fast, sealedBytes))
                        && plain.AsSpan().SequenceEqual(Open(portable, sealedBytes));
                },
                iter: 100
            );

    [Fact]
    public void Any_flipped_bit_is_found_and_the_output_left_alone()
    {
        var key = Key(Bytes, portable: false);
        var sealedBytes = Seal(key, [1, 2, 3, 4, 5], Iv);
        for (var bit = 0; bit < sealedBytes.Length * 8; bit++)
        {
            var damaged = (byte[])sealedBytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] plain = [9, 9, 9, 9, 9];

            Assert.False(key.TryOpen(damaged, plain));
            Assert.Equal([9, 9, 9, 9, 9], plain);
        }
    }

    [Fact]
    public void What_is_cut_off_does_not_open()
    {
        var key = Key(Bytes, portable: false);
        var sealedBytes = Seal(key, [1, 2, 3, 4, 5], Iv);
        for (var length = 0; length < sealedBytes.Length; length++)
            Assert.Null(Open(key, sealedBytes[..length]));
    }

    [Fact]
    public void An_iv_of_zero_is_refused_even_with_a_right_tag()
    {
        var key = Key(Bytes, portable: false);
        Assert.Throws<System.Diagnostics.UnreachableException>(() => Seal(key, [1], new byte[16]));

        // The tag of nothing is the encrypted IV: AES-128 of zero under k.
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.SetKey(Bytes.AsSpan(32, 16));
        byte[] forged =
        [
            .. new byte[16],
            .. aes.EncryptEcb(new byte[16], System.Security.Cryptography.PaddingMode.None),
        ];

        Assert.Null(Open(key, forged));
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(32, 16)]
    [InlineData(48, 16)]
    public void A_key_of_zero_is_refused(int start, int length)
    {
        var bytes = (byte[])Bytes.Clone();
        bytes.AsSpan(start, length).Clear();

        var refusal = Assert.Throws<ResurgamException>(() => Key(bytes, portable: false));

        Assert.Equal("vault-key-unusable", refusal.Problem.Code);
    }

    [Fact]
    public void A_multiplier_that_is_zero_once_clamped_is_refused()
    {
        var bytes = (byte[])Bytes.Clone();
        bytes.AsSpan(48).Clear();
        bytes[51] = 0xF0;

        Assert.Throws<ResurgamException>(() => Key(bytes, portable: false));
    }

    [Theory]
    [InlineData(36)]
    [InlineData(38)]
    public void A_destination_of_the_wrong_length_is_refused(int lengthBytes) =>
        Assert.Throws<ArgumentException>(() =>
            Key(Bytes, portable: false).Seal([1, 2, 3, 4, 5], Iv, new byte[lengthBytes])
        );

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Plain_bytes_may_lie_where_their_ciphertext_goes(bool portable)
    {
        var key = Key(Bytes, portable);
        foreach (var length in (int[])[0, 1, 15, 16, 127, 128, 1000, 100_000])
        {
            var plain = new byte[length];
            new Random(length).NextBytes(plain);
            var room = new byte[length + SealingKey.OverheadBytes];
            plain.CopyTo(room, SealingKey.IvBytes);

            key.Seal(room.AsSpan(SealingKey.IvBytes, length), Iv, room);

            Assert.Equal(Seal(key, plain, Iv), room);
        }
    }

    private static SealingKey Key(byte[] bytes, bool portable) =>
        new(bytes.AsSpan(0, 32), bytes.AsSpan(32, 16), bytes.AsSpan(48, 16), portable);

    private static byte[] Seal(SealingKey key, byte[] plain, byte[] iv)
    {
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        key.Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    private static byte[]? Open(SealingKey key, byte[] sealedBytes)
    {
        var plain = new byte[int.Max(0, sealedBytes.Length - SealingKey.OverheadBytes)];
        return key.TryOpen(sealedBytes, plain) ? plain : null;
    }
}
