using Microsoft.Extensions.Time.Testing;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Replicas;

public sealed class ThrottledStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_object_waits_until_those_before_it_have_had_their_time()
    {
        FakeTimeProvider time = new();
        MemoryStore inner = new();
        ThrottledStore store = new(inner, new ByteSize(100), time);

        var first = store.PutAsync("a", new byte[200], Token);
        var second = store.PutAsync("b", new byte[100], Token);
        var read = store.ReadAsync("a", 0, new byte[50], Token).AsTask();

        Assert.True(await first);
        time.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await second);
        Assert.False(read.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(50, await read);
    }

    [Fact]
    public async Task An_idle_time_is_not_saved_up()
    {
        FakeTimeProvider time = new();
        ThrottledStore store = new(new MemoryStore(), new ByteSize(100), time);
        await store.PutAsync("a", new byte[100], Token);
        time.Advance(TimeSpan.FromHours(1));
        await store.PutAsync("b", new byte[100], Token);

        var next = store.PutAsync("c", new byte[100], Token);

        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await next);
    }

    [Fact]
    public async Task Each_part_of_an_object_that_goes_in_parts_has_its_own_time()
    {
        FakeTimeProvider time = new();
        StoreInParts inner = new();
        ThrottledStore store = new(inner, new ByteSize(100), time);

        var put = store.PutAsync("a", new byte[300], Token);

        Assert.Equal(1, inner.Sent);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, inner.Sent);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await put);
        Assert.Equal(3, inner.Sent);
    }

    private sealed class StoreInParts() : PassingStore(new MemoryStore()), IPacedStore
    {
        public int Sent { get; private set; }

        public async Task<bool> PutAsync(
            string key,
            ReadOnlyMemory<byte> bytes,
            Func<int, CancellationToken, Task> turn,
            CancellationToken cancellationToken
        )
        {
            for (var from = 0; from < bytes.Length; from += 100)
            {
                await turn(100, cancellationToken);
                Sent++;
            }
            return await PutAsync(key, bytes, cancellationToken);
        }
    }
}
