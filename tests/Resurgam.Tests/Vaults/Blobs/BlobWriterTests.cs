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
        await store.AllStagedAsync(5);
        var finished = writer.FinishAsync(Token);
        store.Sync();
        await finished;

        Assert.Equal(0, store.IndexesTooEarly);
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

    /// <summary>Takes packs over at once, and has none on its disk before it is told to; then one after the other, and slowly.</summary>
    private sealed class SlowDiskStore(IStore inner) : PassingStore(inner), IStagingStore
    {
        private readonly TaskCompletionSource _sync = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SemaphoreSlim _disk = new(1);
        private int _staged;
        private int _waiting;
        private int _awaited = int.MaxValue;

        /// <summary>Indexes that came while a pack was on its way.</summary>
        public int IndexesTooEarly { get; private set; }

        public void Sync() => _sync.SetResult();

        public Task AllStagedAsync(int packs)
        {
            Volatile.Write(ref _awaited, packs);
            if (Volatile.Read(ref _staged) >= packs)
                _all.TrySetResult();
            return _all.Task;
        }

        public override Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            if (key.Contains("/index/", StringComparison.Ordinal) && Volatile.Read(ref _waiting) > 0)
                IndexesTooEarly++;
            return base.PutAsync(key, bytes, cancellationToken);
        }

        public Task<Task<bool>> StageAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _waiting);
            var durable = LaterAsync(key, bytes.ToArray(), cancellationToken);
            if (Interlocked.Increment(ref _staged) >= Volatile.Read(ref _awaited))
                _all.TrySetResult();
            return Task.FromResult(durable);
        }

        private async Task<bool> LaterAsync(string key, byte[] bytes, CancellationToken cancellationToken)
        {
            await _sync.Task;
            await _disk.WaitAsync(cancellationToken);
            try
            {
                for (var i = 0; i < 100; i++)
                    await Task.Yield(); // others go first
                return await base.PutAsync(key, bytes, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
                _disk.Release();
            }
        }
    }
}
