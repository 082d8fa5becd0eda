using System.Buffers.Binary;
using CsCheck;
using Resurgam.Core.Postgres;

namespace Resurgam.Tests.Postgres;

public sealed class PageChecksumTests
{
    // What PostgreSQL 15's own page_checksum() of the extension pageinspect says of these pages.
    [Theory]
    [InlineData(31, 0, 62803)]
    [InlineData(31, 1, 62802)]
    [InlineData(31, 131072, 62805)]
    [InlineData(31, 2147483646, 35502)]
    [InlineData(7, 0, 15923)]
    [InlineData(7, 1, 15922)]
    [InlineData(7, 131072, 15925)]
    [InlineData(7, 2147483646, 16847)]
    public void The_checksum_is_the_one_of_postgres(int step, uint block, int checksum) =>
        Assert.Equal(checksum, PageChecksum.Compute(Page(step), block));

    [Fact]
    public void What_stands_in_the_checksum_field_does_not_count() =>
        Gen.UShort.Sample(value =>
        {
            var page = Page(31);
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(8), value);
            return PageChecksum.Compute(page, 0) == 62803;
        });

    [Fact]
    public void Every_other_bit_counts()
    {
        var page = SoundPage();
        for (var at = 0; at < page.Length * 8; at++)
        {
            page[at / 8] ^= (byte)(1 << (at % 8));
            Assert.False(PageChecksum.Verify(page, 7), $"bit {at}");
            page[at / 8] ^= (byte)(1 << (at % 8));
        }
        Assert.True(PageChecksum.Verify(page, 7));
    }

    [Fact]
    public void A_sound_page_in_the_wrong_place_is_not_sound() => Assert.False(PageChecksum.Verify(SoundPage(), 8));

    [Fact]
    public void A_page_of_zeros_is_new_and_sound()
    {
        Assert.True(PageChecksum.IsNew(new byte[8192]));
        Assert.True(PageChecksum.Verify(new byte[8192], 5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    [InlineData(8191)]
    public void A_new_page_with_something_on_it_is_not_sound(int at)
    {
        var page = new byte[8192];
        page[at] = 1;
        Assert.True(PageChecksum.IsNew(page));
        Assert.False(PageChecksum.Verify(page, 5));
    }

    [Fact]
    public void The_page_tells_where_its_last_change_ends() =>
        Assert.Equal(Lsn.Parse("5D3E1F00/D9BA9B7C"), PageChecksum.PageLsn(Page(31)));

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(8191)]
    public void What_is_not_a_page_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => PageChecksum.Verify(new byte[length], 0));

    [Theory]
    [InlineData(128)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(32768)]
    public void Other_page_sizes_follow_the_definition(int length)
    {
        var page = Page(31, length);
        Assert.Equal(Definition(page, 99), PageChecksum.Compute(page, 99));
    }

    private static byte[] SoundPage()
    {
        var page = Page(31);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(8), PageChecksum.Compute(page, 7));
        return page;
    }

    private static byte[] Page(int step, int length = 8192) =>
        [.. Enumerable.Range(0, length).Select(at => unchecked((byte)(at * step + (at >> 8))))];

    /// <summary>One lane after the other: slow and obviously right.</summary>
    private static ushort Definition(byte[] page, uint block)
    {
        uint[] starts =
        [
            .. Convert
                .FromHexString(
                    "5B1F36E9B852596002AB50AA1DE66D2A79FF467A9BB9F8A3217E7CD283E13D2CF8D4474FE39EB97042C6AE16993216FA"
                        + "7B093B5D98DAFF3CF718902A0B1C9CDBE58F764B187636BC5D7B3BB1E73DE7DE92BEC979CCA6C0B2304A097985AA43D4"
                        + "783125BB6CA8EAA2E407EAC64B5CFC3E9FBF8C7615CA20BEF2CA9FD3959BD756"
                )
                .Chunk(4)
                .Select(bytes => BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        ];
        var folded = block;
        for (var lane = 0; lane < 32; lane++)
        {
            var hash = starts[lane];
            for (var at = lane * 4; at < page.Length; at += 128)
            {
                var word = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(at));
                hash = Step(hash, at == 8 ? word & 0xFFFF_0000 : word);
            }
            folded ^= Step(Step(hash, 0), 0);
        }
        return (ushort)(folded % 65535 + 1);

        static uint Step(uint hash, uint word) => unchecked(((hash ^ word) * 16777619) ^ ((hash ^ word) >> 17));
    }
}
