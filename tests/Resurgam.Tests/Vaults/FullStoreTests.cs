using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>A store that fills up in the middle of a backup: what it took is of use to the next one.</summary>
public sealed class FullStoreTests
{
    private const int PacksWithRoom = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_stored_before_the_store_was_full_is_not_stored_again()
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        Random random = new(1);
        for (var number = 0; number < 16; number++)
            random.NextBytes(files[$"file{number}"] = new byte[4 << 20]);

        var e = await Assert.ThrowsAsync<ResurgamException>(() =>
            world.CaptureAsync(new FullStore(world.Store, PacksWithRoom), files, Token)
        );
        Assert.Equal("store-full", e.Problem.Code);
        var before = Packs(world).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(PacksWithRoom, before.Count);
        var snapshot = await world.CaptureAsync(world.Store, files, Token);

        Assert.Equal(files, await world.RestoreAsync(snapshot, Token));
        var check = await world.CheckAsync(world.Store, Token);
        Assert.Empty(check.Damage);
        Assert.Equal(0, check.UnusedPacks);
        var stored = Packs(world).Sum(key => (long)world.Store.Objects[key].Length);
        Assert.InRange(stored, 0, (64 << 20) + (1 << 20)); // all once
    }

    private static IEnumerable<string> Packs(VaultWorld world) =>
        world.Store.Objects.Keys.Where(key => key.Contains("/data/", StringComparison.Ordinal));

    private sealed class FullStore(IStore inner, int packs) : PassingStore(inner)
    {
        private int _packs;

        public override Task<bool> PutAsync(
            string key,
            ReadOnlyMemory<byte> bytes,
            CancellationToken cancellationToken
        ) =>
            key.Contains("/data/", StringComparison.Ordinal) && Interlocked.Increment(ref _packs) > packs
                ? throw StoreProblems.Full(Name, key, new IOException("no space left"))
                : base.PutAsync(key, bytes, cancellationToken);
    }
}
