using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class PackHeaderTests
{
    private static readonly BlobId Hello = BlobId.Of("hello"u8);
    private static readonly BlobId Nothing = BlobId.Of([]);

    /// <summary>Any pack of one type, without gaps.</summary>
    internal static readonly Gen<PackEntry[]> Packs = Gen.Select(
        Gen.Bool,
        Gen.Select(Gen.Byte.Array[32], Gen.UInt[32, 1 << 20], Gen.UInt[0, 1 << 24]).Array[1, 40],
        (isTree, blobs) =>
        {
            uint offset = 0;
            return Array.ConvertAll(
                blobs,
                blob =>
                {
                    var (id, length, plainLength) = blob;
                    offset += length;
                    var type = isTree ? BlobType.Tree : BlobType.Data;
                    return new PackEntry(BlobId.From(id), type, offset - length, length, plainLength);
                }
            );
        }
    );

    [Fact]
    public void The_bytes_are_as_in_the_manual()
    {
        PackEntry[] entries =
        [
            new(Hello, BlobType.Data, 0, 0x12E, 0),
            new(Nothing, BlobType.Data, 0x12E, 0x01020304, 0xA0B0C0D0),
        ];

        Assert.Equal(
            "00"
                + "2e010000"
                + "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
                + "02"
                + "04030201"
                + "d0c0b0a0"
                + "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Convert.ToHexStringLower(PackHeader.Write(entries))
        );
        Assert.Equal(37 + 41 + 32 + 4, PackHeader.StoredTailBytes(entries));
    }

    [Fact]
    public void Trees_have_types_of_their_own()
    {
        Assert.Equal(1, PackHeader.Write([new PackEntry(Hello, BlobType.Tree, 0, 40, 0)])[0]);
        Assert.Equal(3, PackHeader.Write([new PackEntry(Hello, BlobType.Tree, 0, 40, 9)])[0]);
    }

    [Fact]
    public void What_is_written_reads_back() =>
        Packs.Sample(entries => Assert.Equal(entries, PackHeader.Read(PackHeader.Write(entries))));

    [Fact]
    public void The_tail_of_as_many_entries_as_fit_is_no_longer_than_allowed()
    {
        Assert.InRange(
            PackHeader.StoredTailBytes(PackHeader.MaxEntries),
            PackHeader.MaxBytes - 41,
            PackHeader.MaxBytes
        );
        Assert.Equal(36, PackHeader.StoredTailBytes(0));
    }

    [Theory]
    [InlineData("", "it has no entry")]
    [InlineData("04", "entry 0 has the unknown type 4")]
    [InlineData("0020000000", "entry 0 is cut off")]
    [InlineData("022000000001000000", "entry 0 is cut off")]
    public void A_malformed_header_is_refused(string hex, string wrong) => Refuses(Convert.FromHexString(hex), wrong);

    [Fact]
    public void A_blob_shorter_than_its_seal_is_refused() =>
        Refuses(Entry(0, 31), "entry 0 has 31 bytes, which no sealed blob has");

    [Fact]
    public void A_compressed_blob_without_plain_length_is_refused() =>
        Refuses([2, 32, 0, 0, 0, 0, 0, 0, 0, .. new byte[32]], "entry 0 is compressed and has no plain length");

    [Fact]
    public void A_pack_beyond_4_GiB_is_refused() =>
        Refuses([.. Entry(0, uint.MaxValue), .. Entry(1, 32)], "entry 1 ends beyond 4 GiB");

    [Fact]
    public void A_header_beyond_16_MiB_is_refused() => Refuses(new byte[16 << 20], "it has 16777216 bytes");

    [Fact]
    public void The_length_field_is_the_last_four_bytes()
    {
        var lastBytes = new byte[8];
        PackHeader.WriteSealedLength(0x1234, lastBytes.AsSpan(4));

        Assert.Equal("0000000034120000", Convert.ToHexStringLower(lastBytes));
        Assert.Equal(0x1234, PackHeader.ReadSealedLength(lastBytes, 0x1238));
        Assert.Throws<ResurgamException>(() => PackHeader.ReadSealedLength(lastBytes, 0x1237));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("00000000", 1000)]
    [InlineData("44000000", 1000)]
    [InlineData("01000001", long.MaxValue)]
    [InlineData("ffffffff", long.MaxValue)]
    public void An_impossible_length_field_is_refused(string hex, long packBytes) =>
        Assert.Throws<ResurgamException>(() => PackHeader.ReadSealedLength(Convert.FromHexString(hex), packBytes));

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Malformed.OrFine(() => PackHeader.Read(bytes)));

    [Fact]
    public void A_writer_that_leaves_a_gap_or_mixes_types_is_a_bug()
    {
        PackEntry first = new(Hello, BlobType.Data, 0, 40, 0);
        Assert.ThrowsAny<Exception>(() => PackHeader.Write([first, first with { Offset = 41 }]));
        Assert.ThrowsAny<Exception>(() => PackHeader.Write([first, first with { Offset = 40, Type = BlobType.Tree }]));
        Assert.ThrowsAny<Exception>(() => PackHeader.Write([]));
    }

    private static byte[] Entry(byte type, uint length) => [type, .. BitConverter.GetBytes(length), .. new byte[32]];

    private static void Refuses(byte[] header, string wrong)
    {
        var refusal = Assert.Throws<ResurgamException>(() => PackHeader.Read(header));
        Assert.Equal("vault-format", refusal.Problem.Code);
        Assert.Equal($"the pack header is malformed: {wrong}", refusal.Problem.What);
    }
}
