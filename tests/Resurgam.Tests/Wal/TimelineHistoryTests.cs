using System.Text;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Wal;

public sealed class TimelineHistoryTests
{
    private const string Text =
        "1\t0/3000060\tno recovery target specified\n\n2\t0/5000000\tbefore 2026-11-23 10:00:00+00\n";

    private static readonly TimelineHistory History = TimelineHistory.Parse(4, Encoding.UTF8.GetBytes(Text));

    [Fact]
    public void Each_byte_belongs_to_the_timeline_that_wrote_it()
    {
        Assert.Equal(1u, History.TimelineAt(Lsn.Parse("0/300005F")));
        Assert.Equal(2u, History.TimelineAt(Lsn.Parse("0/3000060")));
        Assert.Equal(4u, History.TimelineAt(Lsn.Parse("0/5000000")));
        Assert.Equal(Lsn.Parse("0/5000000"), History.Start);
    }

    [Fact]
    public void A_path_crosses_the_timelines_in_order() =>
        Assert.Equal(
            [
                new WalRange(1, Lsn.Parse("0/2000000"), Lsn.Parse("0/3000060")),
                new WalRange(2, Lsn.Parse("0/3000060"), Lsn.Parse("0/5000000")),
                new WalRange(4, Lsn.Parse("0/5000000"), Lsn.Parse("0/6000000")),
            ],
            History.Path(Lsn.Parse("0/2000000"), Lsn.Parse("0/6000000"))
        );

    [Fact]
    public void A_path_may_end_on_an_ancestor() =>
        Assert.Equal(
            [new WalRange(1, Lsn.Parse("0/2000000"), Lsn.Parse("0/2000001"))],
            History.Path(Lsn.Parse("0/2000000"), Lsn.Parse("0/2000001"))
        );

    [Fact]
    public void An_ancestor_has_the_lines_before_its_own()
    {
        Assert.Equal("1\t0/3000060\tno recovery target specified\n", Encoding.UTF8.GetString(History.Of(2).Format()));
        Assert.Equal(Text.Replace("\n\n", "\n", StringComparison.Ordinal), Encoding.UTF8.GetString(History.Format()));
        Assert.Empty(History.Of(1).Ancestors);
        Assert.True(History.Contains(1));
        Assert.False(History.Contains(3));
        Assert.Null(History.LeftAt(4));
    }

    [Theory]
    [InlineData("x\t0/1\n")]
    [InlineData("1\n")]
    [InlineData("1\tzero\n")]
    [InlineData("4\t0/1\n")]
    [InlineData("2\t0/2\n1\t0/3\n")]
    [InlineData("1\t0/2\n2\t0/1\n")]
    public void What_cannot_be_a_history_is_a_problem(string text) =>
        Assert.Equal(
            "wal-bad-history",
            Assert.Throws<ResurgamException>(() => TimelineHistory.Parse(4, Encoding.UTF8.GetBytes(text))).Problem.Code
        );
}
