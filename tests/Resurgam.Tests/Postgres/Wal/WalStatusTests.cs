using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Postgres.Wal;

public sealed class WalStatusTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, true)]
    [InlineData(60, false)]
    [InlineData(-3600, false)]
    public void A_stream_that_died_does_not_run_whatever_the_clock_did_since(int secondsLater, bool runs)
    {
        var status = StatusAt(Noon.AddSeconds(secondsLater));

        Assert.Equal(runs, status.IsStreaming);
        Assert.Equal(secondsLater >= 0 ? TimeSpan.FromSeconds(secondsLater) : null, status.LossOfSite.Duration);
    }

    [Theory]
    [InlineData("lost", false)]
    [InlineData("unreserved", true)]
    public void With_a_lost_slot_no_stream_runs_whatever_it_said_a_moment_ago(string walState, bool runs)
    {
        var status = StatusAt(Noon.AddSeconds(1)) with
        {
            Server = new WalServerStatus(new Lsn(200), new WalSlotStatus { WalState = walState }),
        };

        Assert.Equal(runs, status.IsStreaming);
        Assert.Equal(runs ? null : "wal-slot-lost", status.SlotProblem?.Code);
    }

    [Theory]
    [InlineData(1, 300, true)]
    [InlineData(1, 299, false)]
    [InlineData(2, 100, true)]
    public void A_gap_before_the_newest_snapshot_is_past(uint timeline, ulong start, bool isPast)
    {
        WalObjectName[] objects = [new(1, new Lsn(100), 100), new(1, new Lsn(300), 100)];
        var status = StatusAt(Noon) with { Coverage = new WalCoverage(objects) };
        WalRange gap = new(1, new Lsn(200), new Lsn(300));
        Assert.Equal([gap], status.Gaps);

        status = status with { NewestBackup = new WalRange(timeline, new Lsn(start), new Lsn(start + 50)) };

        Assert.Equal(isPast ? [] : [gap], status.Gaps);
        Assert.Equal(isPast ? [gap] : [], status.CoveredGaps);
    }

    private static WalStatus StatusAt(DateTimeOffset now) =>
        new()
        {
            At = now,
            AssetName = "db",
            SlotName = "resurgam_db",
            Server = new WalServerStatus(new Lsn(200), Slot: null),
            Stream = new WalStreamStatus
            {
                Asset = "db",
                Slot = "resurgam_db",
                ProcessId = 1,
                State = WalStreamState.Streaming,
                UpdatedAt = Noon,
                ShippedLsn = new Lsn(100).ToString(),
                StoreSecuredAt = Noon,
            },
        };
}
