using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Blobs;

public sealed class BlobWriterTests
{
    /// <summary>Seven of them fill a pack.</summary>
    private const int BlobBytes = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Packs_that_wait_for_a_disk_hold_no_buffer_and_are_named_by_no_index_before_they_are_durable()
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, TestContext.Current.CancellationToken)).Dispose();
        SlowDiskStore store = new(world.Store);
        using var vault = await world.OpenAsync(store, Token);
        var repository = await vault.OpenCurrentGenerationAsync(Token);
        await using BlobWriter writer = new(repository, world.Host.Entropy, packs: 2);
        var blobs = Enumerable.Range(1, 5 * 7).Select(Blob).ToList();

        using (var lane = writer.OpenLane(BlobType.Data))
        {
            foreach (var blob in blobs)
                await lane.StoreAsync(BlobId.Of(blob), blob, Token);
            lane.Flush();
        }
        var finished = writer.FinishAsync(Token);

        Assert.DoesNotContain(world.Store.Objects.Keys, key => key.Contains("/index/", StringComparison.Ordinal));
        Assert.False(finished.IsCompleted);
        store.Sync();
        await finished;
        using BlobReader reader = new(repository, world.Host.Entropy);
        foreach (var blob in blobs)
            Assert.Equal(blob, await reader.ReadAsync(BlobId.Of(blob), Token));
    }

    private static byte[] Blob(int seed)
    {
        var bytes = new byte[BlobBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Takes packs over at once, and has none on its disk before it is told to.</summary>
    private sealed class SlowDiskStore(IStore inner) : PassingStore(inner), IStagingStore
    {
        private readonly TaskCompletionSource _sync = new();

        public void Sync() => _sync.SetResult();

        public Task<Task<bool>> StageAsync(
            string key,
            ReadOnlyMemory<byte> bytes,
            CancellationToken cancellationToken
        ) => Task.FromResult(LaterAsync(key, bytes.ToArray(), cancellationToken));

        private async Task<bool> LaterAsync(string key, byte[] bytes, CancellationToken cancellationToken)
        {
            await _sync.Task;
            return await PutAsync(key, bytes, cancellationToken);
        }
    }
}
