using System.Text;
using CsCheck;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Wal;

public sealed class WalFragmentTests
{
    private static readonly byte[] KeyBytes = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];

    private static readonly SealingKey Key = new(KeyBytes.AsSpan(0, 32), KeyBytes.AsSpan(32, 16), KeyBytes.AsSpan(48));

    private static readonly WalFragment Example = new()
    {
        SystemIdentifier = 7_000_000_000_000_000_001,
        Timeline = 1,
        SegmentSizeBytes = 16 << 20,
        Start = Lsn.Parse("0/3000028"),
        Bytes = Encoding.ASCII.GetBytes("record"),
        LastCommitAt = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
    };

    private static byte[] Seal(WalFragment fragment) =>
        fragment.Seal(Key, new byte[WalFragment.MostSealedBytes(fragment.Bytes.Length)]).ToArray();

    [Fact]
    public void The_format_is_the_documented_one()
    {
        var sealedBytes = Seal(Example);
        var plain = new byte[sealedBytes.Length - SealingKey.OverheadBytes];
        Assert.True(Key.TryOpen(sealedBytes, plain));

        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "formats", "wal.md"));
        Assert.Contains(Dump(plain), document, StringComparison.Ordinal);
        Assert.Contains(Dump(sealedBytes), document, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_comes_back_from_a_sealed_fragment()
    {
        Gen.Select(Gen.Byte.Array[0, 5000], Gen.Bool, Gen.ULong[0, 1UL << 60])
            .Sample(
                (bytes, isRepetitive, start) =>
                {
                    if (isRepetitive)
                        Array.Fill(bytes, (byte)7);
                    var fragment = Example with { Bytes = bytes, Start = new Lsn(start), LastCommitAt = null };
                    var opened = WalFragment.Open(Seal(fragment), Key, "name");
                    Assert.Equal(bytes, opened.Bytes.ToArray());
                    Assert.Equal(fragment, opened with { Bytes = fragment.Bytes });
                },
                iter: 200
            );
    }

    [Fact]
    public void The_same_fragment_is_the_same_object() => Assert.Equal(Seal(Example), Seal(Example));

    [Fact]
    public void Another_fragment_has_another_initialisation_vector() =>
        Assert.NotEqual(Seal(Example)[..16], Seal(Example with { Bytes = Encoding.ASCII.GetBytes("recorD") })[..16]);

    [Fact]
    public void Any_flipped_bit_is_damage()
    {
        var whole = Seal(Example);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var hurt = whole.ToArray();
            hurt[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal("wal-damaged", ProblemOf(hurt));
        }
    }

    [Fact]
    public void Any_cut_is_damage()
    {
        var whole = Seal(Example);
        for (var length = 0; length < whole.Length; length++)
            Assert.Equal("wal-damaged", ProblemOf(whole[..length]));
    }

    [Fact]
    public void A_later_version_is_named()
    {
        var plain = new byte[48];
        "RWAL"u8.CopyTo(plain);
        plain[4] = 2;
        Assert.Equal("wal-unsupported", ProblemOf(Sealed(plain)));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_damage()
    {
        var plain = new byte[48];
        "RWAL"u8.CopyTo(plain);
        (plain[4], plain[6]) = (1, 49);
        Assert.Equal("wal-damaged", ProblemOf(Sealed(plain)));
        plain[6] = 48;
        plain[35] = 0x40; // a gigabyte of plain bytes
        Assert.Equal("wal-damaged", ProblemOf(Sealed(plain)));
        plain[35] = 0;
        plain[32] = 1; // one byte, and none is there
        Assert.Equal("wal-damaged", ProblemOf(Sealed(plain)));
        plain[5] = 1; // a zstd frame of no bytes
        Assert.Equal("wal-damaged", ProblemOf(Sealed(plain)));
    }

    private static byte[] Sealed(byte[] plain)
    {
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        Key.Seal(plain, KeyBytes.AsSpan(1, 16), sealedBytes);
        return sealedBytes;
    }

    private static string ProblemOf(byte[] sealedBytes) =>
        Assert.Throws<ResurgamException>(() => WalFragment.Open(sealedBytes, Key, "name")).Problem.Code;

    private static string Dump(byte[] bytes) =>
        string.Join(
            '\n',
            bytes.Chunk(16).Select((row, i) => $"{i * 16:x4}  {string.Join(' ', row.Select(b => $"{b:x2}"))}")
        );
}
