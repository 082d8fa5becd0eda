using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Wal;

public sealed class LossMeterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_seen_is_secured_when_it_is_reached()
    {
        LossMeter meter = new();
        meter.Saw(new Lsn(100), Noon);
        meter.Saw(new Lsn(200), Noon.AddSeconds(1));
        Assert.Null(meter.SecuredAt);

        meter.Reached(new Lsn(150));
        Assert.Equal(Noon, meter.SecuredAt);

        meter.Reached(new Lsn(200));
        Assert.Equal(Noon.AddSeconds(1), meter.SecuredAt);
    }

    /// <summary>Else an hour would pass in which everything counts as safe.</summary>
    [Fact]
    public void A_clock_that_was_set_back_does_not_leave_a_claim_from_the_future()
    {
        LossMeter meter = new();
        meter.Saw(new Lsn(100), Noon);
        meter.Reached(new Lsn(100));

        meter.Saw(new Lsn(200), Noon.AddHours(-1));
        Assert.Equal(Noon, meter.SecuredAt);
        meter.Reached(new Lsn(200));

        Assert.Equal(Noon.AddHours(-1), meter.SecuredAt);
    }
}
