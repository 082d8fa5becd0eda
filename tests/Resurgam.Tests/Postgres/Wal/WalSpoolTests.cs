using CsCheck;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Wal;

public sealed class WalSpoolTests : IDisposable
{
    private const int SegmentSizeBytes = 1 << 20;
    private static readonly Lsn Start = new(SegmentSizeBytes);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_synced_is_there_after_a_kill()
    {
        var wal = Make(1500);
        using (var spool = Open(wal))
        {
            spool.Write(Start, wal.ToArray());
            spool.Sync();
        }

        using var after = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance);

        Assert.Equal(wal.End, after.Position?.Durable);
        Assert.Equal(new WalIdentity(wal.SystemIdentifier, SegmentSizeBytes), after.Identity);
        Assert.Equal([true, false], after.List().Select(s => s.IsClosed));
        var bytes = new byte[(int)(wal.End - Start) - SegmentSizeBytes];
        after.Read(after.List()[1].Segment, Start + SegmentSizeBytes, bytes);
        Assert.Equal(wal.ToArray()[SegmentSizeBytes..], bytes);
    }

    [Fact]
    public void Only_what_was_synced_counts()
    {
        var wal = Make(300);
        using var spool = Open(wal);
        spool.Write(Start, wal.ToArray());
        Assert.Equal(Start, spool.Position?.Durable);
        Assert.Empty(spool.List());
        spool.Sync();
        Assert.Equal(wal.End, spool.Position?.Durable);
        Assert.Equal(wal.End, Assert.Single(spool.List()).End);
    }

    /// <summary>A power cut leaves any of the unsynced bytes: the end is a record's end, at or before what was written.</summary>
    [Fact]
    public void A_torn_tail_is_asked_for_again()
    {
        var wal = Make(900);
        var bytes = wal.ToArray();
        Gen.Select(Gen.Int[0, bytes.Length], Gen.Int[0, 40_000])
            .Sample(
                (cut, hole) =>
                {
                    using var folder = new TemporaryFolder();
                    using (var spool = Open(wal, folder))
                    {
                        spool.Write(Start, bytes);
                        spool.Sync();
                    }
                    var path = Path.Combine(folder.FullPath, "00000001", "000000010000000000000001");
                    using (var file = File.OpenWrite(path))
                    {
                        file.Position = cut;
                        file.Write(new byte[Math.Min(hole, bytes.Length - cut)]);
                    }

                    using var after = WalSpool.Open(folder.FullPath, PostgresWalForm.Instance);
                    var end = after.Position!.Durable;

                    Assert.True(end <= wal.End);
                    Assert.True(end.Value % 8 == 0);
                    // No byte before the hole is given up, but for the record that the hole begins in.
                    if (cut > 60_000)
                        Assert.True(end >= Start + (ulong)(cut - 60_000), $"{end} for {cut}");
                    if (hole == 0)
                        Assert.Equal(wal.End, end);
                    after.BeginAt(1, end);
                    after.Write(end, bytes.AsSpan((int)(end - Start)));
                    after.Sync();
                    var read = new byte[bytes.Length];
                    after.Read(after.List()[0].Segment, Start, read);
                    Assert.Equal(bytes, read);
                },
                iter: 40
            );
    }

    [Fact]
    public void A_file_that_begins_inside_a_record_is_asked_for_from_its_beginning()
    {
        var wal = new WalMaker(Start);
        wal.AddRecord(1_500_000);
        wal.AddRecord(1000);
        using (var spool = Open(wal))
        {
            spool.Write(Start, wal.ToArray());
            spool.Sync();
            spool.Remove(new WalSegment(1, 1, SegmentSizeBytes));
        }

        using var after = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance);

        Assert.Equal(wal.End, after.Position?.Durable);
        Assert.Equal(Start + SegmentSizeBytes, after.Position?.ResumeAt);
    }

    [Fact]
    public void A_used_file_serves_again_and_its_old_bytes_are_not_taken_for_wal()
    {
        var wal = Make(2500);
        var bytes = wal.ToArray();
        using (var spool = Open(wal))
        {
            spool.Write(Start, bytes.AsSpan(0, SegmentSizeBytes));
            spool.Remove(new WalSegment(1, 1, SegmentSizeBytes));
            spool.Write(Start + SegmentSizeBytes, bytes.AsSpan(SegmentSizeBytes, 500_000));
            spool.Sync();
            Assert.Single(
                Directory.GetFiles(_folder.FullPath, "*", SearchOption.AllDirectories),
                f => new FileInfo(f).Length > 0
            );
        }

        using var after = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance);

        Assert.InRange((after.Position!.Durable - Start) / 1000, 1516UL, 1549UL);
    }

    [Fact]
    public void Two_processes_do_not_share_a_spool()
    {
        using var first = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance);
        Assert.Equal("wal-stream-running", CodeOf(() => WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance)));
    }

    [Fact]
    public void A_spool_at_its_limit_takes_no_more_until_something_left_it()
    {
        var wal = Make(4500);
        var bytes = wal.ToArray();
        using var spool = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance, new ByteSize(3 << 20));
        spool.Expect(new WalIdentity(wal.SystemIdentifier, SegmentSizeBytes));
        spool.BeginAt(1, Start);

        Assert.Equal("wal-spool-full", CodeOf(() => spool.Write(Start, bytes)));
        Assert.Equal(Start + 3 * SegmentSizeBytes, spool.Position?.Durable);

        spool.Remove(new WalSegment(1, 1, SegmentSizeBytes));
        spool.BeginAt(1, spool.Position!.Durable);
        spool.Write(spool.Position.Durable, bytes.AsSpan(3 * SegmentSizeBytes, SegmentSizeBytes));
        Assert.Equal(Start + 4 * SegmentSizeBytes, spool.Position.Durable);
    }

    [Fact]
    public void The_last_file_of_a_timeline_that_was_left_ends_where_its_wal_ends()
    {
        var wal = Make(300);
        using (var spool = Open(wal))
        {
            spool.Write(Start, wal.ToArray());
            spool.Sync();
            spool.BeginAt(2, Start);
            Assert.Equal((wal.End, true), (spool.List()[0].End, spool.List()[0].IsClosed));
        }
        using var after = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance);
        Assert.Equal(wal.End, Assert.Single(after.List()).End);
        Assert.Equal(wal.End, after.Position?.Durable);
    }

    [Fact]
    public void Histories_are_kept_byte_for_byte()
    {
        using var spool = WalSpool.Open(_folder.FullPath, PostgresWalForm.Instance);
        spool.PutHistory(3, "1\t0/1\tx\n"u8.ToArray());
        spool.PutHistory(2, "1\t0/1\ty\n"u8.ToArray());
        spool.PutHistory(3, "1\t0/1\tz\n"u8.ToArray());
        Assert.Equal(
            [(2u, "1\t0/1\ty\n"), (3u, "1\t0/1\tz\n")],
            spool.Histories().Select(h => (h.Timeline, System.Text.Encoding.UTF8.GetString(h.Content)))
        );
    }

    private WalSpool Open(WalMaker wal, TemporaryFolder? folder = null)
    {
        var spool = WalSpool.Open((folder ?? _folder).FullPath, PostgresWalForm.Instance);
        spool.Expect(new WalIdentity(wal.SystemIdentifier, SegmentSizeBytes));
        spool.BeginAt(1, Start);
        return spool;
    }

    private static WalMaker Make(int kibibytes)
    {
        var random = new Random(5);
        var wal = new WalMaker(Start);
        while (wal.End - Start < (ulong)kibibytes << 10)
            wal.AddRecord(random.Next(20) == 0 ? random.Next(30_000) : random.Next(500));
        return wal;
    }

    private static string CodeOf(Action work) => Assert.Throws<ResurgamException>(work).Problem.Code;
}
