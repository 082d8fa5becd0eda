using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests;

public sealed class FaultyStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreFault.Lost, 0)]
    [InlineData(StoreFault.Unheard, 1)]
    public async Task Only_an_unheard_call_has_done_its_work(StoreFault fault, int stored)
    {
        var memory = new MemoryStore();
        var store = FaultyStore.FailingAt(memory, call: 2, fault);

        Assert.Null(await store.FindAsync("a", Token));
        await Assert.ThrowsAsync<ResurgamException>(() => store.PutAsync("a", new byte[] { 1 }, Token));

        Assert.Equal(stored, memory.Objects.Count);
        Assert.Equal(["find a", "put a"], store.Calls);
    }

    [Fact]
    public async Task A_listing_is_in_ordinal_order_and_only_what_has_the_prefix()
    {
        var store = new MemoryStore();
        foreach (var key in (string[])["b/2", "b/1", "a", "B", "b/10"])
            Assert.True(await store.PutAsync(key, default, Token));

        var keys = await store.ListAsync("b/", Token).Select(o => o.Key).ToListAsync(Token);

        Assert.Equal(["b/1", "b/10", "b/2"], keys);
        Assert.False(await store.PutAsync("a", new byte[] { 1 }, Token));
        Assert.Empty(await store.FindAsync("a", Token) ?? [1]);
    }
}
