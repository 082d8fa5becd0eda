using System.Text;
using CsCheck;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class UnixTimeTests
{
    [Theory]
    [InlineData(0, 0, "1970-01-01T00:00:00Z")]
    [InlineData(-2, 500_000_000, "1969-12-31T23:59:58.5Z")]
    [InlineData(-1, 999_999_999, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(1_795_444_264, 497_827_796, "2026-11-23T14:31:04.497827796Z")]
    [InlineData(15_032_385_535, 0, "2446-05-10T22:38:55Z")]
    [InlineData(951_782_400, 100, "2000-02-29T00:00:00.0000001Z")]
    [InlineData(-2_203_891_201, 0, "1900-02-28T23:59:59Z")]
    [InlineData(253_402_300_799, 0, "9999-12-31T23:59:59Z")]
    [InlineData(-62_135_596_800, 0, "0001-01-01T00:00:00Z")]
    [InlineData(-62_167_219_200, 0, "0000-01-01T00:00:00Z")]
    [InlineData(-62_162_121_600, 0, "0000-02-29T00:00:00Z")]
    public void A_moment_is_written_and_read_as_in_Go(long seconds, int nanoseconds, string text)
    {
        UnixTime time = new(seconds, nanoseconds);

        Assert.Equal(text, time.ToString());
        Assert.Equal(time, Parse(text));
    }

    [Theory]
    [InlineData("2026-11-23T14:31:04+01:00", "2026-11-23T13:31:04Z")]
    [InlineData("2026-11-23T00:31:04.250-05:30", "2026-11-23T06:01:04.25Z")]
    [InlineData("2026-11-23T14:31:04.1234567899999Z", "2026-11-23T14:31:04.123456789Z")]
    [InlineData("0000-01-01T00:00:00+23:59", "0000-01-01T00:01:00Z")]
    public void A_local_offset_is_taken_into_account(string text, string utc)
    {
        Assert.NotNull(Parse(text));
        if (text[0] != '0')
            Assert.Equal(utc, Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23")]
    [InlineData("2026-11-23 14:31:04Z")]
    [InlineData("2026-11-23T14:31:04")]
    [InlineData("2026-11-23T14:31:04z")]
    [InlineData("2026-11-23T14:31:04.Z")]
    [InlineData("2026-11-23T14:31:04,5Z")]
    [InlineData("2026-11-23T14:31:04+0100")]
    [InlineData("2026-11-23T14:31:04+24:00")]
    [InlineData("2026-11-23T24:00:00Z")]
    [InlineData("2026-11-23T14:31:60Z")]
    [InlineData("2026-02-29T14:31:04Z")]
    [InlineData("1900-02-29T14:31:04Z")]
    [InlineData("2026-00-01T14:31:04Z")]
    [InlineData("2026-13-01T14:31:04Z")]
    [InlineData("2026-11-00T14:31:04Z")]
    [InlineData("12026-11-23T14:31:04Z")]
    [InlineData("-026-11-23T14:31:04Z")]
    [InlineData("2026-11-23T14:31:04ZZ")]
    public void Other_text_is_no_time(string text) => Assert.Null(Parse(text));

    [Fact]
    public void What_is_written_reads_back() =>
        Times(-62_167_219_200, 253_402_300_799).Sample(time => Assert.Equal(time, Parse(time.ToString())));

    [Fact]
    public void The_calendar_is_that_of_the_base_library() =>
        Times(-62_135_596_800, 253_402_300_799)
            .Sample(time =>
                Assert.Equal(
                    DateTimeOffset.FromUnixTimeSeconds(time.Seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", null),
                    time.ToString()[..19]
                )
            );

    [Fact]
    public void Ticks_survive_the_way_through_a_date() =>
        Gen.Long[DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks]
            .Sample(ticks =>
            {
                DateTimeOffset moment = new(ticks, TimeSpan.Zero);
                Assert.Equal(moment, UnixTime.From(moment).ToDateTimeOffset());
            });

    [Fact]
    public void The_offset_of_a_date_does_not_count() =>
        Assert.Equal(
            new UnixTime(-3_600, 0),
            UnixTime.From(new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)))
        );

    [Fact]
    public void A_year_that_the_text_cannot_hold_becomes_the_nearest_one()
    {
        Assert.Equal("9999-01-01T00:00:00Z", new UnixTime(253_402_300_800, 0).ToString());
        Assert.Equal("0000-12-31T23:59:59Z", new UnixTime(-62_167_219_201, 0).ToString());
        Assert.Equal("9999-03-01T00:00:00Z", new UnixTime(253_407_484_800 - 86_400, 0).ToString());
    }

    [Fact]
    public void The_last_moments_of_the_type_neither_overflow_nor_leave_the_range()
    {
        foreach (var seconds in (long[])[long.MinValue, long.MaxValue, -62_167_219_201, 253_402_300_800])
        {
            UnixTime time = new(seconds, 999_999_999);
            Assert.NotNull(Parse(time.ToString()));
            Assert.InRange(time.ToDateTimeOffset(), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        }
    }

    [Fact]
    public void Nanoseconds_stay_below_a_second()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixTime(0, 1_000_000_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixTime(0, -1));
    }

    [Fact]
    public void Earlier_is_less()
    {
        Assert.True(new UnixTime(-1, 5) < new UnixTime(0, 0));
        Assert.True(new UnixTime(1, 5) > new UnixTime(1, 4));
    }

    private static Gen<UnixTime> Times(long from, long to) =>
        Gen.Select(Gen.Long[from, to], Gen.Int[0, 999_999_999]).Select((s, n) => new UnixTime(s, n));

    private static UnixTime? Parse(string text) =>
        UnixTime.TryParse(Encoding.UTF8.GetBytes(text), out var time) ? time : null;
}
