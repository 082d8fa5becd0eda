using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary>
/// Machines that write, sleep, crash and compact on one store whose calls fail; between any two calls of one, the
/// others go on. No acknowledged entry is lost, and the chain verifies.
/// </summary>
public sealed class LedgerSimulationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_histories_lose_nothing_that_was_acknowledged()
    {
        var (acknowledged, failures, meetings, ghosts) = (0, 0, 0, 0);
        for (var seed = 0; seed < 1000; seed++)
        {
            LedgerSimulation simulation = new(seed);
            await simulation.RunAsync(Token);
            ghosts += await simulation.CheckAsync(Token);
            acknowledged += simulation.Acknowledged.Count;
            failures += simulation.Failures;
            meetings += simulation.Meetings;
        }
        // Histories in which nothing happens prove nothing.
        Assert.True(acknowledged > 6000, $"{acknowledged} acknowledged");
        Assert.True(failures > 1000, $"{failures} failures");
        Assert.True(meetings > 1000, $"{meetings} meetings");
        Assert.True(ghosts < 100, $"{ghosts} ghosts");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{acknowledged} acknowledged, {failures} failures, {meetings} meetings, {ghosts} ghosts"
        );
    }

    /// <summary>Every store call of an append, an anchor and a compaction fails in turn, or is the last one of a killed process.</summary>
    [Theory]
    [InlineData(StoreFault.Lost, false)]
    [InlineData(StoreFault.Unheard, false)]
    [InlineData(StoreFault.Lost, true)]
    [InlineData(StoreFault.Unheard, true)]
    public async Task Work_that_broke_at_any_call_is_done_by_the_next_try(StoreFault fault, bool isKill)
    {
        var isThrough = false;
        var breakAt = 1;
        for (; !isThrough; breakAt++)
        {
            LedgerWorld world = new();
            var machine = world.NewMachine("one");
            await WorkAsync(world, machine, world.Store, entries: 7);
            world.Time.Advance(TimeSpan.FromDays(1));
            var broken = isKill
                ? FaultyStore.FailingFrom(world.Store, breakAt, fault)
                : FaultyStore.FailingAt(world.Store, breakAt, fault);
            try
            {
                await WorkAsync(world, machine, broken, entries: 2);
                isThrough = broken.CallCount < breakAt;
            }
            catch (ResurgamException)
            {
                // The failure that was asked for.
            }

            AssertWhole(await world.VerifyAsync(Token, allSignatures: true), breakAt);
            await WorkAsync(world, machine, world.Store, entries: 1);
            AssertWhole(await world.VerifyAsync(Token, allSignatures: true), breakAt);
            var head = await world.Ledger.FindHeadAsync(LedgerWorld.Db, Token);
            Assert.InRange(head.Seq, 8, 10); // seven, one, and none to two of the broken work
        }
        Assert.True(breakAt > 30, $"only {breakAt} calls were broken");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(9, 0)]
    [InlineData(2, 5)]
    [InlineData(9, 9)]
    public async Task Copies_that_went_on_apart_show_both_branches(int here, int there)
    {
        LedgerWorld world = new();
        await world.FillAsync(LedgerWorld.Db, 6, Token);
        var copy = world.CopyStore();
        var one = world.NewWriter(world.NewMachine("one"));
        var two = world.NewWriter(world.NewMachine("two"), copy);
        for (var i = 0; i < here; i++)
            await one.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(100 + i), Token);
        for (var i = 0; i < there; i++)
            await two.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(200 + i), Token);
        await new LedgerCompaction(world.Ledger).RunAsync(LedgerWorld.Db, Token);

        var all = await LedgerComparison.RunAsync(world.Ledger, world.Open(copy), Token);

        var stream = all.Single(comparison => comparison.Stream == LedgerWorld.Db);
        switch (here, there)
        {
            case (0, 0):
                Assert.Equal(6, Assert.IsType<StreamComparison.Same>(stream).Head.Seq);
                break;
            case (0, _) or (_, 0):
                var ahead = Assert.IsType<StreamComparison.Ahead>(stream);
                Assert.Equal((there > 0, 7L, 6L + here + there), (ahead.IsOtherAhead, ahead.From, ahead.To));
                break;
            default:
                var fork = Assert.IsType<StreamComparison.Fork>(stream);
                Assert.Equal((6L, here, there), (fork.CommonSeq, fork.Here.Count, fork.There.Count));
                Assert.NotEqual(fork.Here[0].Hash, fork.There[0].Hash);
                Assert.Equal(("root@one", "root@two"), (fork.Here[0].Actor, fork.There[0].Actor));
                break;
        }
    }

    private static async Task WorkAsync(LedgerWorld world, LedgerAuthor machine, IStore store, int entries)
    {
        var writer = world.NewWriter(machine, store);
        for (var i = 0; i < entries; i++)
            await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(i), Token);
        await writer.AnchorAsync(Token);
        await new LedgerCompaction(writer.Ledger).RunAsync(LedgerWorld.Db, Token);
    }

    private static void AssertWhole(LedgerReport report, int breakAt) =>
        Assert.True(report.Passed, $"call {breakAt}: {string.Join('\n', report.Findings)}");
}
