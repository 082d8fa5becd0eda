using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Recovery;

public sealed class WalFeedTests
{
    private const int SegmentSizeBytes = 1 << 20;
    private static readonly SealingKey Key = SealingKey.Create(new SeededEntropy(1));
    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Segments_come_whole_and_the_last_one_with_zeros()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 8 * SegmentSizeBytes + 5000);
        var feed = Feed(_store);
        for (var number = 3; number < 8; number++)
            Assert.Equal(Wal(number, SegmentSizeBytes), await FindAsync(feed, 1, number));
        Assert.Equal(Wal(8, 5000), await FindAsync(feed, 1, 8));
        Assert.Null(await FindAsync(feed, 1, 9));
    }

    /// <summary>A warm standby asks for the last segment again and again while it grows.</summary>
    [Fact]
    public async Task A_segment_that_has_grown_is_given_as_it_is_now()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 4 * SegmentSizeBytes + 5000);
        var feed = Feed(_store);
        await FindAsync(feed, 1, 3);
        Assert.Equal(Wal(4, 5000), await FindAsync(feed, 1, 4));
        await PutAsync(1, from: 4 * SegmentSizeBytes + 5000, to: 6 * SegmentSizeBytes);
        Assert.Equal(Wal(4, SegmentSizeBytes), await FindAsync(feed, 1, 4));
        Assert.Equal(Wal(5, SegmentSizeBytes), await FindAsync(feed, 1, 5));
    }

    [Theory]
    [InlineData(4 * SegmentSizeBytes, 4)]
    [InlineData(4 * SegmentSizeBytes + 5000, 4)]
    public async Task A_hole_is_not_the_end(int holeAt, int number)
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: holeAt);
        await PutAsync(1, from: 5 * SegmentSizeBytes, to: 6 * SegmentSizeBytes);
        var feed = Feed(_store);
        await FindAsync(feed, 1, 3);
        var e = await Assert.ThrowsAsync<ResurgamException>(() => FindAsync(feed, 1, number));
        Assert.Equal("wal-gap", e.Problem.Code);
        Assert.Contains($"{new Lsn((ulong)holeAt)}", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Such a server cannot take the hole for the end: it refuses to come up before its target.</summary>
    [Fact]
    public async Task A_server_with_a_target_gets_what_lies_before_a_hole()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 4 * SegmentSizeBytes + 5000);
        await PutAsync(1, from: 6 * SegmentSizeBytes, to: 7 * SegmentSizeBytes);
        var feed = Feed(_store);
        var before = await feed.FindAsync(new WalSegment(1, 4, SegmentSizeBytes).FileName, 1, hasTarget: true, Token);
        Assert.Equal(Wal(4, 5000), before?.Bytes.ToArray());
        Assert.Null(await feed.FindAsync(new WalSegment(1, 5, SegmentSizeBytes).FileName, 1, hasTarget: true, Token));
        Assert.Equal(new Lsn(6 * SegmentSizeBytes), feed.Missing?.Range.End);
    }

    /// <summary>The new timeline left the old one further on than we hold it.</summary>
    [Fact]
    public async Task The_end_of_a_timeline_is_a_hole_for_a_server_on_its_way_to_the_next()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 4 * SegmentSizeBytes);
        await PutAsync(2, from: 6 * SegmentSizeBytes, to: 7 * SegmentSizeBytes);
        var archive = Archive(_store);
        await archive.FindIdentityAsync(Token);
        await archive.PutHistoryAsync(2, "1\t0/600010\tx\n"u8.ToArray(), Token);
        var feed = Feed(_store);

        Assert.Null(await FindAsync(feed, 1, 4)); // a server that stays on timeline 1 has it all

        Assert.NotNull(await feed.FindAsync("00000002.history", null, Token));
        var e = await Assert.ThrowsAsync<ResurgamException>(() => FindAsync(feed, 1, 4));
        Assert.Equal("wal-gap", e.Problem.Code);
        Assert.Null(await feed.FindAsync("00000003.history", null, Token));
    }

    [Fact]
    public async Task Another_cluster_gets_nothing()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 4 * SegmentSizeBytes);
        var e = await Assert.ThrowsAsync<ResurgamException>(() =>
            Feed(_store).FindAsync(new WalSegment(1, 3, SegmentSizeBytes).FileName, 2, Token)
        );
        Assert.Equal("wal-foreign-system", e.Problem.Code);
    }

    [Theory]
    [InlineData("RECOVERYXLOG")]
    [InlineData("000000010000000000000003.00000028.backup")]
    [InlineData("00000001.history")]
    public async Task What_is_never_kept_is_absent(string name)
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 4 * SegmentSizeBytes);
        Assert.Null(await Feed(_store).FindAsync(name, 1, Token));
    }

    [Fact]
    public async Task Damage_is_told_and_not_taken_for_the_end()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 6 * SegmentSizeBytes);
        Damage("0000000000400000");
        var feed = Feed(_store);
        await FindAsync(feed, 1, 3);
        for (var i = 0; i < 2; i++)
        {
            var e = await Assert.ThrowsAsync<ResurgamException>(() => FindAsync(feed, 1, 4));
            Assert.Equal("wal-damaged", e.Problem.Code);
        }
    }

    [Fact]
    public async Task A_server_with_a_target_gets_what_lies_before_damage()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 4 * SegmentSizeBytes + 5000);
        await PutAsync(1, from: 4 * SegmentSizeBytes + 5000, to: 6 * SegmentSizeBytes);
        Damage("0000000000401388");
        var feed = Feed(_store);
        await FindAsync(feed, 1, 3);

        var before = await feed.FindAsync(new WalSegment(1, 4, SegmentSizeBytes).FileName, 1, hasTarget: true, Token);

        Assert.Equal(Wal(4, 5000), before?.Bytes.ToArray());
        Assert.Equal(new Lsn(4 * SegmentSizeBytes + 5000), feed.Missing?.Range.Start);
        Assert.Equal("wal-damaged", feed.Missing?.Problem.Code);
        var e = await Assert.ThrowsAsync<ResurgamException>(() => FindAsync(feed, 1, 4));
        Assert.Equal("wal-damaged", e.Problem.Code);
        // It had the segment itself, and goes on behind it.
        Assert.Equal(Wal(5, SegmentSizeBytes), await FindAsync(feed, 1, 5));
        Assert.Null(feed.Missing);
    }

    /// <summary>A server asks for these before it begins, also for one that needs nothing but its own backup.</summary>
    [Fact]
    public async Task Where_all_is_damaged_the_histories_are_absent_and_the_segments_are_not()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 3 * SegmentSizeBytes + 5000);
        Damage("0000000000300000");
        var feed = Feed(_store);
        Assert.Null(await feed.FindAsync("00000002.history", 1, Token));
        var e = await Assert.ThrowsAsync<ResurgamException>(() => FindAsync(feed, 1, 3));
        Assert.Equal("wal-damaged", e.Problem.Code);
    }

    [Fact]
    public async Task What_was_read_ahead_waits_as_a_file_beside_the_wal()
    {
        using TemporaryFolder walDirectory = new();
        var left = Directory.CreateDirectory(Path.Combine(walDirectory.FullPath, "resurgam.ahead"));
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "of-a-feed-that-was-killed"), "", Token);
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 8 * SegmentSizeBytes + 5000);
        using (
            var feed = new WalFeed(
                Archive(_store),
                SegmentSizeBytes,
                new(walDirectory.FullPath, null),
                TimeProvider.System
            )
        )
        {
            Assert.Equal(Wal(3, SegmentSizeBytes), await FindAsync(feed, 1, 3));
            for (var number = 4; number < 8; number++)
            {
                var file = await feed.FindAsync(new WalSegment(1, (ulong)number, SegmentSizeBytes).FileName, 1, Token);
                Assert.Equal(Wal(number, SegmentSizeBytes), await File.ReadAllBytesAsync(file!.Path!, Token));
                Assert.True(file.Bytes.IsEmpty);
            }
            // The last one grows: what is in it is asked for when it is wanted.
            Assert.Equal(Wal(8, 5000), await FindAsync(feed, 1, 8));
            Assert.DoesNotContain("of-a-feed-that-was-killed", left.GetFiles().Select(f => f.Name));
        }
        Assert.Empty(Directory.GetFileSystemEntries(walDirectory.FullPath));
    }

    [Fact]
    public async Task Without_room_for_files_it_comes_through_the_socket()
    {
        await PutAsync(1, from: 3 * SegmentSizeBytes, to: 6 * SegmentSizeBytes);
        using var feed = new WalFeed(Archive(_store), SegmentSizeBytes, new("/proc/none", null), TimeProvider.System);
        for (var number = 3; number < 6; number++)
            Assert.Equal(Wal(number, SegmentSizeBytes), await FindAsync(feed, 1, number));
    }

    private void Damage(string start)
    {
        foreach (var key in _store.Objects.Keys.ToList())
            if (key.Contains(start, StringComparison.Ordinal))
                _store.Overwrite(key, new byte[100]);
    }

    private static WalArchive Archive(IStore store) => new("db", [new WalPlace(store, "wal/", Key)]);

    private static WalFeed Feed(IStore store) =>
        new(Archive(store), SegmentSizeBytes, ahead: null, TimeProvider.System);

    private static async Task<byte[]?> FindAsync(WalFeed feed, uint timeline, int number) =>
        (
            await feed.FindAsync(new WalSegment(timeline, (ulong)number, SegmentSizeBytes).FileName, 1, Token)
        )?.Bytes.ToArray();

    private static byte[] Wal(int number, int realBytes)
    {
        var bytes = new byte[SegmentSizeBytes];
        for (var i = 0; i < realBytes; i++)
            bytes[i] = (byte)((number * 7 + i / 100) & 0xFF);
        return bytes;
    }

    private async Task PutAsync(uint timeline, int from, int to)
    {
        var archive = Archive(_store);
        for (var at = from; at < to; )
        {
            var number = at / SegmentSizeBytes;
            var end = Math.Min(to, (number + 1) * SegmentSizeBytes);
            await archive.PutFragmentAsync(
                new WalFragment
                {
                    SystemIdentifier = 1,
                    Timeline = timeline,
                    SegmentSizeBytes = SegmentSizeBytes,
                    Start = new Lsn((ulong)at),
                    Bytes = Wal(number, SegmentSizeBytes).AsMemory(at - number * SegmentSizeBytes, end - at),
                },
                Token
            );
            at = end;
        }
    }
}
