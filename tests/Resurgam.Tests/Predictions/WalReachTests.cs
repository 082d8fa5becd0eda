using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Predictions;

public sealed class WalReachTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_wal_a_snapshot_reaches_no_further_than_itself() =>
        Assert.Equal(new WalReach(new Lsn(100), null, null), WalReach.From([], 1, new Lsn(100)));

    [Fact]
    public void It_reaches_as_far_as_objects_follow_each_other() =>
        Assert.Equal(
            new WalReach(new Lsn(300), Noon.AddMinutes(3), null),
            WalReach.From([At(3, 1, 200, 300), At(1, 1, 0, 100), At(2, 1, 50, 200)], 1, new Lsn(120))
        );

    [Fact]
    public void Behind_a_gap_nothing_counts() =>
        Assert.Equal(
            new WalReach(new Lsn(200), Noon.AddMinutes(1), new WalRange(1, new Lsn(200), new Lsn(250))),
            WalReach.From([At(1, 1, 100, 200), At(2, 1, 250, 300)], 1, new Lsn(100))
        );

    [Fact]
    public void Wal_that_begins_behind_the_snapshot_does_not_help_it() =>
        Assert.Equal(
            new WalReach(new Lsn(100), null, new WalRange(1, new Lsn(100), new Lsn(150))),
            WalReach.From([At(1, 1, 150, 200)], 1, new Lsn(100))
        );

    [Fact]
    public void A_new_timeline_takes_over_where_it_left_the_old_one() =>
        Assert.Equal(
            new WalReach(new Lsn(190), Noon.AddMinutes(2), null),
            WalReach.From([At(1, 1, 100, 200), At(2, 2, 150, 190)], 1, new Lsn(100))
        );

    [Fact]
    public void Wal_of_before_the_snapshot_is_no_concern() =>
        Assert.Equal(
            new WalReach(new Lsn(200), Noon.AddMinutes(2), null),
            WalReach.From([At(1, 1, 0, 40), At(2, 2, 100, 200)], 2, new Lsn(110))
        );

    private static (WalObjectName Name, DateTimeOffset StoredAt) At(
        int minute,
        uint timeline,
        ulong start,
        ulong end
    ) => (new WalObjectName(timeline, new Lsn(start), (long)(end - start)), Noon.AddMinutes(minute));
}
