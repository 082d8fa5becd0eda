using CsCheck;
using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class CronTimeTests
{
    [Theory]
    [InlineData("0 4 * * *", "UTC", "2026-03-28T04:00:00Z", "2026-03-29T04:00:00Z")]
    [InlineData("0 2 * * 0", "UTC", "2026-11-25T00:00:00Z", "2026-11-29T02:00:00Z")]
    // Clocks in Vienna go from 02:00 to 03:00: the hour that is left out is made up for at its end.
    [InlineData("30 2 * * *", "Europe/Vienna", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")]
    // And from 03:00 to 02:00: the first of the two counts, and the next is a day later.
    [InlineData("30 2 * * *", "Europe/Vienna", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Vienna", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    public void The_next_moment(string cron, string zone, string after, string next) =>
        Assert.Equal(At(next), new CronTime(cron, zone).Next(At(after)));

    [Theory]
    [InlineData("2026-03-29T00:59:58Z", "2026-03-28T01:30:00Z")]
    [InlineData("2026-03-29T00:59:59Z", "2026-03-28T01:30:00Z")]
    [InlineData("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-10-25T00:29:59Z", "2026-10-24T00:30:00Z")]
    [InlineData("2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z")]
    public void The_last_moment_of_a_night_on_which_the_clocks_change(string at, string last) =>
        Assert.Equal(At(last), new CronTime("30 2 * * *", "Europe/Vienna").Last(At(at)));

    [Theory]
    [InlineData("0 4 * * *", "UTC")]
    [InlineData("*/7 3-9 * * 1-5", "UTC")]
    [InlineData("0 0 29 2 *", "UTC")]
    [InlineData("30 2 * * *", "Europe/Vienna")]
    [InlineData("*/20 * * * *", "Europe/Vienna")]
    public void The_last_moment_is_the_one_whose_next_is_to_come(string text, string zone) =>
        Gen.Int[0, 3 * 366 * 24 * 60]
            .Sample(minutes =>
            {
                CronTime cron = new(text, zone);
                var at = At("2025-01-01T00:00:30Z").AddMinutes(minutes);
                var last = cron.Last(at);
                Assert.NotNull(last);
                Assert.True(last <= at && cron.Next(last.Value) > at, $"{last:O} at {at:O}");
                Assert.Equal(last, cron.Next(last.Value.AddSeconds(-1)));
                Assert.Equal(last, cron.Last(last.Value));
            });

    [Theory]
    [InlineData("0 * * * *", "UTC", 60)]
    [InlineData("0 8-18 * * *", "UTC", 14 * 60)]
    [InlineData("0 3 * * *", "Europe/Vienna", 25 * 60)]
    [InlineData("0 0 1 * *", "UTC", 31 * 24 * 60)]
    public void The_longest_gap_knows_the_year(string cron, string zone, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), new CronTime(cron, zone).LongestGap(At("2026-01-01T00:00:00Z")));

    [Fact]
    public void A_day_that_never_comes_is_null()
    {
        Assert.Null(CronTime.Never.Next(At("2026-01-01T00:00:00Z")));
        Assert.Null(CronTime.Never.Last(At("2026-01-01T00:00:00Z")));
        Assert.Null(CronTime.Never.LongestGap(At("2026-01-01T00:00:00Z")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * *")]
    [InlineData("61 * * * *")]
    [InlineData("0 4 * * * *")]
    public void What_is_no_expression_is_null(string text) => Assert.Null(CronTime.TryParse(text));

    private static DateTimeOffset At(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
