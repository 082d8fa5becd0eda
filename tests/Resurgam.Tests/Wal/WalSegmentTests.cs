using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Wal;

public sealed class WalSegmentTests
{
    [Theory]
    [InlineData("0/0", 16 << 20, "000000010000000000000000")]
    [InlineData("0/1FFFFFF", 16 << 20, "000000010000000000000001")]
    [InlineData("A/FF000000", 16 << 20, "000000010000000A000000FF")]
    [InlineData("A/FFF00000", 1 << 20, "000000010000000A00000FFF")]
    [InlineData("A/C0000000", 1 << 30, "000000010000000A00000003")]
    [InlineData("FFFFFFFF/FE000000", 16 << 20, "00000001FFFFFFFF000000FE")]
    public void A_name_is_as_the_server_makes_it_and_reads_back(string position, int sizeBytes, string name)
    {
        var segment = WalSegment.At(1, Lsn.Parse(position), sizeBytes);

        Assert.Equal(name, segment.FileName);
        Assert.True(WalSegment.TryParse(name, sizeBytes, out var read));
        Assert.Equal(segment, read);
        Assert.InRange(Lsn.Parse(position).Value, segment.Start.Value, segment.Start.Value + (ulong)sizeBytes - 1);
    }

    [Theory]
    [InlineData("000000010000000000000100")] // a segment of 16 MiB ends in at most FF
    [InlineData("000000000000000000000001")]
    [InlineData("00000001000000000000001")]
    [InlineData("00000001000000000000000G")]
    [InlineData("RECOVERYXLOG")]
    public void What_is_no_segment_is_refused(string name) =>
        Assert.False(WalSegment.TryParse(name, WalSegment.DefaultSizeBytes, out _));

    [Fact]
    public void A_partial_segment_and_a_history_are_told_apart()
    {
        Assert.True(WalFileName.TryParseSegment("000000010000000000000003.partial", 16 << 20, out var segment));
        Assert.Equal(3UL, segment.Number);
        Assert.True(WalFileName.TryParseHistory("0000000B.history", out var timeline));
        Assert.Equal(11u, timeline);
        Assert.False(WalFileName.TryParseHistory("00000000.history", out _));
        Assert.False(WalFileName.TryParseSegment("000000010000000000000002.00000028.backup", 16 << 20, out _));
    }
}
