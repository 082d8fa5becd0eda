using Resurgam.Core.Drills;
using Resurgam.Core.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Drills;

public sealed class DrillBookTests
{
    private static readonly string[] Here = ["folder /a", "server b:5432"];

    private readonly LedgerWorld _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_that_begin_at_the_same_time_one_finds_the_other_in_the_way()
    {
        var (one, two) = (NewBook("one"), NewBook("two"));
        await one.CatchUpAsync(Token);
        await two.CatchUpAsync(Token);

        Assert.True(await one.TryBeginAsync("a", new RunId("r-1"), Here, Token));
        Assert.False(await two.TryBeginAsync("b", new RunId("r-2"), ["folder /a"], Token));

        Assert.Equal(new RunId("r-1"), two.FindInTheWay("b", ["folder /a"])?.Run);
        Assert.NotNull(two.FindInTheWay("a", []));
        Assert.Null(two.FindInTheWay("b", ["folder /c"]));
    }

    [Fact]
    public async Task What_came_of_it_is_written_once_and_read_back()
    {
        var (one, two) = (NewBook("one"), NewBook("two"));
        await one.TryBeginAsync("a", new RunId("r-1"), Here, Token);
        await two.CatchUpAsync(Token);
        DrillEnding ending = new(
            false,
            ["it rains"],
            TimeSpan.FromSeconds(12.5),
            TimeSpan.FromSeconds(3),
            TimeSpan.FromSeconds(10)
        )
        {
            RestoredBytes = 5_000_000_000,
            Report = "{ \"title\": \"caf\u00e9 <b>\" }",
        };

        await one.EndAsync(one.Records[0], ending, Token);
        await two.EndAsync(two.Records[0], ending with { Passed = true }, Token);

        var read = NewBook("three");
        await read.CatchUpAsync(Token);
        var record = Assert.Single(read.Of("a"));
        Assert.Equal((false, "it rains"), (record.Ending?.Passed, Assert.Single(record.Ending?.Reasons ?? [])));
        Assert.Equal((ending.Recovery, ending.RestoredBytes), (record.Ending?.Recovery, record.Ending?.RestoredBytes));
        Assert.Null(read.FindInTheWay("a", Here));
        Assert.True((await _world.VerifyAsync(Token)).Passed);
    }

    private DrillBook NewBook(string machine) => new(_world.NewWriter(_world.NewMachine(machine)));
}
