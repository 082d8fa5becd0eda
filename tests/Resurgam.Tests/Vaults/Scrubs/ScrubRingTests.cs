using CsCheck;
using Resurgam.Core.Vaults.Scrubs;

namespace Resurgam.Tests.Vaults.Scrubs;

public sealed class ScrubRingTests
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(30);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    [InlineData(1, 1.0 / 29)]
    [InlineData(10, 10.0 / 20)]
    [InlineData(15, 1)]
    [InlineData(100, 1)]
    public void The_share_is_that_of_the_time_since_the_last_reading(int days, double share) =>
        Assert.Equal(share, ScrubRing.ShareOf(TimeSpan.FromDays(days), Period), 12);

    [Fact]
    public void The_first_reading_takes_what_falls_on_a_day() =>
        Assert.Equal(ScrubRing.ShareOf(TimeSpan.FromDays(1), Period), ScrubRing.ShareOf(null, Period));

    [Fact]
    public void A_key_has_its_place_for_good() => Assert.Equal(0xba7816bf8f01cfeaUL, ScrubRing.PlaceOf("abc")); // the beginning of the SHA-256 of "abc", FIPS 180-4

    /// <summary>Readings at one gap, whatever it is: no object waits longer than the period.</summary>
    [Fact]
    public void No_object_waits_longer_than_the_period() =>
        Gen.Select(Gen.Double[0.01, 20], Gen.ULong)
            .Sample(
                (gapDays, place) =>
                {
                    var gap = TimeSpan.FromDays(gapDays);
                    var share = ScrubRing.ShareOf(gap, Period);
                    var width = ScrubRing.WidthOf(share);
                    var (cursor, at, lastRead, longest) = (0UL, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
                    while (at < Period * 4)
                    {
                        at += gap;
                        if (share >= 1 || ScrubRing.From(cursor, place) < width)
                        {
                            longest = at - lastRead > longest ? at - lastRead : longest;
                            lastRead = at;
                        }
                        cursor = unchecked(cursor + width);
                    }
                    Assert.True(longest <= Period + TimeSpan.FromSeconds(1), $"{longest}");
                }
            );
}
