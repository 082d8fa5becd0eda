using System.Security.Cryptography;
using CsCheck;
using Resurgam.Core.Vaults.Chunking;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Vaults.Chunking;

public sealed class FastCdcTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(at => (byte)at)];
    private static readonly byte[] Noise = MakeNoise(24 << 20);
    private readonly FastCdc _chunker = new(Key);

    // Computed by a second implementation, in Python.
    [Fact]
    public void Chunks_of_known_bytes_stay_what_they_are_for_ever()
    {
        // csharpier-ignore
        int[] expected =
        [
            291721, 1140067, 1246543, 1435865, 1265872, 1735594, 1309090, 1082068, 726622, 1113500, 1116595, 504847,
            1299846, 1228937, 1165653, 1187196, 1887518, 1415641, 1472431, 1350490, 1002445, 187283,
        ];
        Assert.Equal(expected, Lengths(_chunker, Noise));
    }

    [Fact]
    public void A_chunk_ends_where_the_definition_says()
    {
        var gear = new ulong[256];
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Key.AsSpan(),
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(gear.AsSpan()),
            salt: [],
            info: "resurgam gear table 1"u8
        );
        Gen.Select(Gen.Int[0, Noise.Length - 1], Gen.Int[1, 5 << 20])
            .Sample(
                (start, length) =>
                {
                    var input = Noise.AsSpan(start, int.Min(length, Noise.Length - start));
                    return _chunker.FirstChunkLength(input) == Definition(gear, input);
                },
                iter: 40
            );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(FastCdc.MinBytes - 1)]
    [InlineData(FastCdc.MinBytes)]
    public void What_is_short_is_one_chunk(int length) =>
        Assert.Equal(length, _chunker.FirstChunkLength(Noise.AsSpan(0, length)));

    [Fact]
    public void Nothing_has_no_chunk() => Assert.Throws<ArgumentException>(() => _chunker.FirstChunkLength([]));

    [Theory]
    [InlineData(0)]
    [InlineData(0xFF)]
    public void Equal_bytes_are_cut_within_bounds(byte value)
    {
        var input = new byte[FastCdc.MaxBytes + 1];
        input.AsSpan().Fill(value);
        Assert.InRange(_chunker.FirstChunkLength(input), FastCdc.MinBytes, FastCdc.MaxBytes);
    }

    [Fact]
    public void What_follows_a_chunk_does_not_move_its_end()
    {
        var length = _chunker.FirstChunkLength(Noise);
        for (var more = 0; more < 8; more++)
            Assert.Equal(length, _chunker.FirstChunkLength(Noise.AsSpan(0, length + more)));
    }

    [Fact]
    public void An_insertion_changes_few_chunks()
    {
        byte[] inserted = [.. Noise[..5_000_000], 1, 2, 3, .. Noise[5_000_000..]];
        var before = Chunks(Noise);

        var kept = Chunks(inserted).Count(before.Contains);

        Assert.InRange(kept, before.Count - 2, before.Count);
    }

    [Fact]
    public void Another_key_cuts_elsewhere()
    {
        var other = (byte[])Key.Clone();
        other[31] ^= 1;
        var cuts = Cuts(_chunker);
        Assert.DoesNotContain(Cuts(new FastCdc(other)), cut => cut != Noise.Length && cuts.Contains(cut));
    }

    [Fact]
    public void A_short_key_is_refused() => Assert.Throws<ArgumentException>(() => new FastCdc(new byte[15]));

    private static int Definition(ulong[] gear, ReadOnlySpan<byte> input)
    {
        var hash = 0ul;
        for (var length = 1; length <= int.Min(input.Length, FastCdc.MaxBytes); length++)
        {
            hash = unchecked((hash << 1) + gear[input[length - 1]]);
            if (length > FastCdc.MinBytes && hash >> (length <= FastCdc.AverageBytes ? 42 : 46) == 0)
                return length;
        }
        return int.Min(input.Length, FastCdc.MaxBytes);
    }

    private static List<int> Lengths(FastCdc chunker, byte[] input)
    {
        List<int> lengths = [];
        for (var at = 0; at < input.Length; at += lengths[^1])
            lengths.Add(chunker.FirstChunkLength(input.AsSpan(at)));
        return lengths;
    }

    private static HashSet<int> Cuts(FastCdc chunker)
    {
        var at = 0;
        return [.. Lengths(chunker, Noise).Select(length => at += length)];
    }

    private HashSet<string> Chunks(byte[] input)
    {
        HashSet<string> chunks = [];
        var at = 0;
        foreach (var length in Lengths(_chunker, input))
        {
            chunks.Add(Convert.ToHexString(SHA256.HashData(input.AsSpan(at, length))));
            at += length;
        }
        return chunks;
    }

    private static byte[] MakeNoise(int lengthBytes)
    {
        var noise = new byte[lengthBytes];
        new AesCtr(Key).Transform(noise, noise, 1);
        return noise;
    }
}
