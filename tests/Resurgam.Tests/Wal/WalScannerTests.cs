using CsCheck;
using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Wal;

public sealed class WalScannerTests
{
    private const int SegmentSizeBytes = 1 << 20;
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void All_commits_are_seen_however_the_stream_is_cut()
    {
        var (wal, commits) = Make(records: 400, seed: 1);
        Gen.Int[1, 9000]
            .Array[1, 20]
            .Sample(
                cuts =>
                {
                    List<WalCommit> seen = [];
                    var scanner = new WalScanner(SegmentSizeBytes) { Committed = seen.Add };
                    Feed(scanner, wal.Start, wal.ToArray(), cuts);
                    Assert.Null(scanner.Damage);
                    Assert.Equal(commits, seen);
                    Assert.Equal(wal.End, scanner.End);
                    Assert.Equal(wal.SystemIdentifier, scanner.SystemIdentifier);
                    Assert.False(scanner.BeganInsideRecord);
                },
                iter: 50
            );
    }

    [Fact]
    public void It_may_begin_anywhere()
    {
        var (wal, commits) = Make(records: 400, seed: 2);
        var bytes = wal.ToArray();
        Gen.Int[0, bytes.Length - 60_000]
            .Sample(
                skipped =>
                {
                    List<WalCommit> seen = [];
                    var scanner = new WalScanner(SegmentSizeBytes) { Committed = seen.Add };
                    Feed(scanner, wal.Start + (ulong)skipped, bytes[skipped..], [4096]);
                    Assert.Null(scanner.Damage);
                    Assert.NotEmpty(seen);
                    Assert.Equal(commits[^seen.Count..], seen);
                    Assert.Equal(wal.End, scanner.End);
                },
                iter: 50
            );
    }

    [Fact]
    public void A_torn_tail_ends_at_the_last_whole_record()
    {
        var wal = new WalMaker(new Lsn(SegmentSizeBytes));
        wal.AddRecord(500);
        var whole = wal.AddCommit(9, Noon);
        wal.AddRecord(20_000);
        var file = new byte[SegmentSizeBytes];
        wal.ToArray().AsSpan(0, (int)(whole - wal.Start) + 9000).CopyTo(file);

        var scanner = new WalScanner(SegmentSizeBytes);
        scanner.Add(wal.Start, file);

        Assert.Equal(whole, scanner.End);
        Assert.Equal(new WalCommit(9, Noon, whole), scanner.LastCommit);
    }

    [Fact]
    public void Any_flipped_bit_in_a_record_is_noticed()
    {
        var (wal, _) = Make(records: 30, seed: 3);
        var bytes = wal.ToArray();
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[0, 7])
            .Sample(
                (at, bit) =>
                {
                    var hurt = bytes.ToArray();
                    hurt[at] ^= (byte)(1 << bit);
                    var scanner = new WalScanner(SegmentSizeBytes);
                    scanner.Add(wal.Start, hurt);
                    // Padding, the page's magic and timeline, and two spare bytes in a record carry no information here.
                    if (scanner.Damage is null && scanner.End == wal.End)
                        Assert.True(at % 8192 < 40 || IsPadding(bytes, at), $"{at}");
                },
                iter: 2000
            );
    }

    [Fact]
    public void A_switch_ends_the_segment_and_the_next_one_goes_on()
    {
        var wal = new WalMaker(new Lsn(SegmentSizeBytes));
        wal.AddRecord(100);
        wal.AddSwitch();
        var end = wal.AddCommit(5, Noon);

        var scanner = new WalScanner(SegmentSizeBytes);
        Feed(scanner, wal.Start, wal.ToArray(), [1000]);

        Assert.Null(scanner.Damage);
        Assert.Equal(end, scanner.LastCommit?.End);
    }

    /// <summary>Alignment between records is zero, and nobody reads it.</summary>
    private static bool IsPadding(byte[] bytes, int at) => bytes[at] == 0;

    private static void Feed(WalScanner scanner, Lsn start, byte[] bytes, int[] cuts)
    {
        for (var (at, turn) = (0, 0); at < bytes.Length; turn++)
        {
            var count = Math.Min(cuts[turn % cuts.Length], bytes.Length - at);
            scanner.Add(start + (ulong)at, bytes.AsSpan(at, count));
            at += count;
        }
    }

    private static (WalMaker Wal, List<WalCommit> Commits) Make(int records, int seed)
    {
        var random = new Random(seed);
        var wal = new WalMaker(new Lsn(5UL * SegmentSizeBytes));
        List<WalCommit> commits = [];
        for (var i = 0; i < records; i++)
        {
            wal.AddRecord(random.Next(100) == 0 ? random.Next(50_000) : random.Next(300));
            var at = Noon.AddMilliseconds(i);
            commits.Add(new WalCommit((uint)i, at, wal.AddCommit((uint)i, at)));
        }
        return (wal, commits);
    }
}
