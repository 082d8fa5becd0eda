using Resurgam.Core.Orders;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Orders;

public sealed class OrderBookTests
{
    private readonly LedgerWorld _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_daemons_that_get_the_same_order_one_takes_it()
    {
        var (one, two) = (NewBook("one"), NewBook("two"));
        await one.CatchUpAsync(Token);
        await two.CatchUpAsync(Token);

        var first = await one.TakeAsync(NewOrder("host-1"), Token);
        var second = await two.TakeAsync(NewOrder("host-2"), Token);

        Assert.Equal((true, false), (first.IsNew, second.IsNew));
        Assert.Equal("host-1", second.State.Order.Owner);
        Assert.True(second.State.Order.IsSameAs(NewOrder("host-2")));
        Assert.False(second.State.Order.IsSameAs(NewOrder("host-1") with { Of = "other" }));
    }

    [Fact]
    public async Task Every_member_comes_back_and_what_came_of_it_is_written_once()
    {
        var order = NewOrder("host-1") with
        {
            Kind = OrderKind.Run,
            At = "2026-11-23 12:00",
            Snapshot = "abc",
            IsSnapshotOnly = true,
            IsDrill = true,
            TakesOver = true,
            Run = new RunId("r-1"),
        };
        var book = NewBook("one");
        var (state, _) = await book.TakeAsync(order, Token);

        await new OrderBook(_world.NewWriter(_world.NewMachine("two")), state).EndAsync(
            order.Id,
            new OrderEnding(false, "it rains", "store-full"),
            Token
        );
        await book.EndAsync(order.Id, new OrderEnding(true, "late", null), Token);

        var read = NewBook("three");
        await read.CatchUpAsync(Token);
        var found = read.Find(order.Id);
        Assert.Equal(order, found?.Order);
        Assert.Equal(
            (false, "it rains", "store-full"),
            (found?.Ending?.Passed, found?.Ending?.What, found?.Ending?.Code)
        );
        Assert.Empty(read.Open);
        Assert.True((await _world.VerifyAsync(Token)).Passed);
    }

    [Fact]
    public void The_same_key_of_another_person_is_another_order()
    {
        Assert.Equal(Order.IdOf("anna", "k"), Order.IdOf("anna", "k"));
        Assert.NotEqual(Order.IdOf("anna", "k"), Order.IdOf("ben", "k"));
    }

    [Theory]
    [InlineData(StoreFault.Lost)]
    [InlineData(StoreFault.Unheard)]
    public async Task Whatever_call_of_the_store_fails_who_asks_again_has_one_order(StoreFault fault)
    {
        for (var call = 1; ; call++)
        {
            LedgerWorld world = new();
            var machine = world.NewMachine("one");
            var faulty = FaultyStore.FailingAt(world.Store, call, fault);
            OrderBook book = new(world.NewWriter(machine, faulty));
            await AskAgainAsync(() => book.TakeAsync(NewOrder("host-1"), Token));
            await AskAgainAsync(async () =>
            {
                await book.EndAsync(NewOrder("").Id, new OrderEnding(true, "done", null), Token);
                return true;
            });

            OrderBook read = new(world.NewWriter(machine));
            var entries = 0;
            await foreach (var _ in world.Ledger.ReadAsync(OrderBook.Stream, 1, Token))
                entries++;
            await read.CatchUpAsync(Token);
            Assert.Equal(2, entries);
            Assert.True(read.Find(NewOrder("").Id)?.Ending?.Passed);
            if (call > faulty.CallCount)
                return;
        }
    }

    private static async Task AskAgainAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            await ask();
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            await ask();
        }
    }

    private OrderBook NewBook(string machine, IStore? store = null) =>
        new(_world.NewWriter(_world.NewMachine(machine), store));

    private static Order NewOrder(string owner) =>
        new()
        {
            Id = Order.IdOf("anna", "key"),
            Kind = OrderKind.Backup,
            Of = "db",
            Person = "anna",
            Reason = "before the upgrade",
            Owner = owner,
        };
}
