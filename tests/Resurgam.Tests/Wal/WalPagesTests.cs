using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Wal;

public sealed class WalPagesTests
{
    private const int SegmentBytes = 1 << 20;
    private const int Page = WalPages.PageBytes;
    private static readonly Lsn Start = new(5 * SegmentBytes);

    [Fact]
    public void Pages_with_records_stay()
    {
        var bytes = Wal(40_000); // a record over several pages, too
        var before = (byte[])bytes.Clone();

        WalPages.ClearUnused(bytes.AsSpan(0, bytes.Length / Page * Page), Start, SegmentBytes);

        Assert.Equal(before, bytes);
    }

    [Fact]
    public void Pages_of_the_segment_that_the_file_was_before_become_zeros()
    {
        WalMaker old = new(new Lsn(2 * SegmentBytes), SegmentBytes);
        while (old.End < new Lsn(2 * SegmentBytes + 20 * Page))
            old.AddRecord(3000);
        var segment = old.ToArray()[..(20 * Page)];
        var current = Wal(3000);
        current.CopyTo(segment, 0);
        var used = (current.Length + Page - 1) / Page * Page;
        var expected = segment[..used];

        WalPages.ClearUnused(segment, Start, SegmentBytes);

        Assert.Equal(expected, segment[..used]);
        Assert.False(segment.AsSpan(used).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Pages_that_a_switch_filled_up_become_zeros()
    {
        var filled = new byte[4 * Page];
        for (var at = 0; at < filled.Length; at += Page)
            BitConverter.TryWriteBytes(filled.AsSpan(at + 8), (Start + (ulong)at).Value);
        var first = filled[..Page];

        WalPages.ClearUnused(filled, Start, SegmentBytes);

        Assert.Equal(first, filled[..Page]); // the segment's first page tells the cluster
        Assert.False(filled.AsSpan(Page).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_page_of_zeros_inside_of_a_record_stays()
    {
        var page = new byte[Page];
        BitConverter.TryWriteBytes(page.AsSpan(8), (Start + Page).Value);
        page[2] = 1; // goes on with a record from the page before
        var before = (byte[])page.Clone();

        WalPages.ClearUnused(page, Start + Page, SegmentBytes);

        Assert.Equal(before, page);
    }

    private static byte[] Wal(int recordBytes)
    {
        WalMaker maker = new(Start, SegmentBytes);
        for (var record = 0; record < 12; record++)
            maker.AddRecord(recordBytes);
        return maker.ToArray();
    }
}
