using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;
using Resurgam.Status;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Status;

public sealed class FollowedStreamTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly FollowedStream Commands = new("/spool", TimeSpan.FromSeconds(1), BeginsAnew: true);

    [Fact]
    public void Of_commands_the_newest_base_counts_and_what_follows_it_without_a_hole()
    {
        var reach = Commands.ReachOf(
            [Object(1, 0, 9000), Object(2, 100, 200), Object(2, 200, 300), Object(2, 400, 500)],
            newest: null
        );

        Assert.Equal(new Lsn(300), reach?.End);
        Assert.Equal(Noon.AddSeconds(300), reach?.StoredAt);
        Assert.NotNull(reach?.Gap);
    }

    [Fact]
    public void Without_commands_there_is_no_reach() => Assert.Null(Commands.ReachOf([], newest: null));

    [Theory]
    [InlineData(Remedy.Fix, "Accept the gap.")]
    [InlineData(Remedy.Retry, null)]
    public void What_no_new_start_mends_comes_with_its_own_hint(Remedy remedy, string? hint)
    {
        using TemporaryFolder spool = new();
        WordFile.Write(
            spool.Combine(WalStreamStatus.FileName),
            new WalStreamStatus
            {
                Asset = "db",
                ProcessId = 1,
                State = WalStreamState.Stopped,
                UpdatedAt = Noon,
                StreamProblem = new Problem("wal-slot-lost", remedy, "the slot is lost", "Accept the gap."),
            },
            WalStreamJson.Default.WalStreamStatus
        );

        var word = new FollowedStream(spool.FullPath, TimeSpan.FromSeconds(1), false).FindWord(null, Noon.AddHours(1));

        Assert.Equal("the slot is lost", word?.Problem);
        Assert.Equal(hint, word?.Hint);
    }

    private static (WalObjectName, DateTimeOffset) Object(uint timeline, ulong start, ulong end) =>
        (new WalObjectName(timeline, new Lsn(start), (long)(end - start)), Noon.AddSeconds(end));
}
