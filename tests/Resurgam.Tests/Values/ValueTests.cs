using CsCheck;
using Resurgam.Core.Values;

namespace Resurgam.Tests.Values;

public sealed class DurationTests
{
    [Theory]
    [InlineData("90d", 90 * 86_400_000L)]
    [InlineData("1h30m", 5_400_000L)]
    [InlineData("15m", 900_000L)]
    [InlineData("2s", 2000L)]
    [InlineData("500ms", 500L)]
    [InlineData(" 1d2h3m4s5ms ", 93_784_005L)]
    [InlineData("0s", 0L)]
    [InlineData("36500d", 36_500 * 86_400_000L)]
    public void A_duration_is_numbers_with_units(string text, long ms)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(ms, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1.5h")]
    [InlineData("30m1h")]
    [InlineData("1m1m")]
    [InlineData("1h 30m")]
    [InlineData("1S")]
    [InlineData("1min")]
    [InlineData("1h30")]
    [InlineData("36501d")]
    [InlineData("36500d1ms")]
    [InlineData("999999999999999d")]
    [InlineData("99999999999999999999s")]
    [InlineData("١s")]
    public void Other_text_is_not_a_duration(string? text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void What_is_formatted_reads_back() =>
        Gen.Long[0, (long)Duration.Max.TotalMilliseconds]
            .Sample(ms =>
                Duration.TryParse(Duration.Format(TimeSpan.FromMilliseconds(ms)), out var read)
                && read == TimeSpan.FromMilliseconds(ms)
            );

    [Fact]
    public void Parts_of_a_millisecond_are_left_out() =>
        Assert.Equal("1ms", Duration.Format(TimeSpan.FromTicks(19_999)));

    [Fact]
    public void A_negative_duration_has_a_sign() => Assert.Equal("-1m30s", Duration.Format(TimeSpan.FromSeconds(-90)));
}

public sealed class ValueListTests
{
    [Fact]
    public void Lists_are_equal_when_their_items_are()
    {
        ValueList<string> list = ["a", "b"];
        ValueList<string> same = ["a", "b"];
        Assert.Equal(list, same);
        Assert.Equal(list.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(list, (ValueList<string>)["b", "a"]);
        Assert.NotEqual(list, (ValueList<string>)["a"]);
    }

    [Fact]
    public void A_list_keeps_its_items_when_their_source_changes()
    {
        string[] source = ["a"];
        ValueList<string> list = [.. source];
        source[0] = "b";
        Assert.Equal("[a]", list.ToString());
    }
}

public sealed class NearestTests
{
    [Theory]
    [InlineData("conection", "connection")]
    [InlineData("dataDirectory", "data-directory")]
    [InlineData("data_directory", "data-directory")]
    [InlineData("knid", "kind")]
    [InlineData("KIND", "kind")]
    [InlineData("hunter2", null)]
    [InlineData("", null)]
    [InlineData("x", null)]
    public void A_slip_or_two_is_near(string typed, string? meant) =>
        Assert.Equal(meant, Nearest.Of(typed, ["kind", "connection", "data-directory", "wal"]));

    [Fact]
    public void The_nearest_comes_first() => Assert.Equal("path", Nearest.Of("pathe", ["pat", "path", "bath"]));
}

public sealed class SecretBytesTests
{
    [Fact]
    public void A_secret_does_not_show_itself() =>
        Assert.Equal("(secret)", $"{new SecretBytes("hunter2"u8.ToArray())}");
}
