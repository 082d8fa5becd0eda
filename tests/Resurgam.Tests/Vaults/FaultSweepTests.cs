using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>Breaks one store call after the other, in every way a call can break, and looks at what is left.</summary>
public sealed class FaultSweepTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One call fails and the next work again, or none works from there on: as after kill -9.</summary>
    public static TheoryData<StoreFault, bool> Faults =>
        new()
        {
            { StoreFault.Lost, false },
            { StoreFault.Unheard, false },
            { StoreFault.Lost, true },
            { StoreFault.Unheard, true },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public Task The_first_capture_of_a_vault_broken_at_any_call_leaves_no_false_snapshot(
        StoreFault fault,
        bool isKill
    ) => SweepCapturesOfEitherStoreAsync(fault, isKill, earlier: 0);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_later_capture_broken_at_any_call_leaves_no_false_snapshot(StoreFault fault, bool isKill) =>
        SweepCapturesOfEitherStoreAsync(fault, isKill, earlier: 2);

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_vault_whose_making_broke_at_any_call_is_made_by_the_next_try(StoreFault fault, bool isKill)
    {
        var calls = await SweepAsync(async breakAt =>
        {
            VaultWorld world = new(seed: breakAt);
            var broken = Break(world.Store, breakAt, fault, isKill);
            var died = await FailsAsync(async () => (await world.CreateAsync(broken, Token)).Dispose());

            var isMade = world.Store.Objects.ContainsKey(VaultDescriptor.Key);
            var again = await FailsAsync(async () => (await world.CreateAsync(world.Store, Token)).Dispose());

            Assert.Equal(isMade, again); // a vault that is there is never made again
            var files = VaultWorld.Content(1);
            var snapshot = await world.CaptureAsync(world.Store, files, Token);
            Assert.Equal(files, await world.RestoreAsync(snapshot, Token));
            await AssertWholeAsync(world, $"call {breakAt}");
            return died;
        });
        Assert.True(calls > 8, $"a vault was made with {calls} calls");
    }

    private static async Task SweepCapturesOfEitherStoreAsync(StoreFault fault, bool isKill, int earlier)
    {
        await SweepCapturesAsync(fault, isKill, earlier, broken => broken);
        await SweepCapturesAsync(fault, isKill, earlier, broken => new StagingStore(broken));
    }

    private static async Task SweepCapturesAsync(
        StoreFault fault,
        bool isKill,
        int earlier,
        Func<FaultyStore, IStore> dress
    )
    {
        var calls = await SweepAsync(async breakAt =>
        {
            VaultWorld world = new(seed: breakAt);
            (await world.CreateAsync(world.Store, Token)).Dispose();
            for (var version = 1; version <= earlier; version++)
                await world.CaptureAsync(world.Store, VaultWorld.Content(version), Token);
            var files = VaultWorld.Content(earlier + 1);
            var broken = Break(world.Store, breakAt, fault, isKill);

            var died = await FailsAsync(() => world.CaptureAsync(dress(broken), files, Token));

            var where = $"call {breakAt}, {(breakAt <= broken.CallCount ? broken.Calls[breakAt - 1] : "none")}";
            await AssertWholeAsync(world, where);
            await AssertSnapshotsAsync(world, earlier, isMore: died ? null : true);
            var rerun = await world.CaptureAsync(world.Store, files, Token);
            Assert.Equal(files, await world.RestoreAsync(rerun, Token));
            await AssertWholeAsync(world, $"rerun after {where}");
            return breakAt <= broken.CallCount;
        });
        Assert.True(calls > 15, $"a capture had only {calls} calls");
    }

    /// <returns>How many calls were broken.</returns>
    private static async Task<int> SweepAsync(Func<int, Task<bool>> tryAsync)
    {
        var breakAt = 1;
        while (await tryAsync(breakAt))
            breakAt++;
        return breakAt - 1;
    }

    private static FaultyStore Break(MemoryStore store, int call, StoreFault fault, bool isKill) =>
        isKill ? FaultyStore.FailingFrom(store, call, fault) : FaultyStore.FailingAt(store, call, fault);

    private static async Task<bool> FailsAsync(Func<Task> work)
    {
        try
        {
            await work();
            return false;
        }
        catch (ResurgamException)
        {
            return true;
        }
    }

    private static async Task AssertWholeAsync(VaultWorld world, string where)
    {
        var check = await world.CheckAsync(world.Store, Token);
        Assert.True(check.Damage.Count == 0, $"{where}: {string.Join("; ", check.Damage)}");
    }

    /// <summary>Every snapshot that is listed is one of the versions, byte for byte.</summary>
    private static async Task AssertSnapshotsAsync(VaultWorld world, int earlier, bool? isMore)
    {
        using var vault = await world.OpenAsync(world.Store, Token);
        var snapshots = await vault.ListSnapshotsAsync(VaultWorld.Asset, Token);
        Assert.InRange(snapshots.Count, isMore == true ? earlier + 1 : earlier, earlier + 1);
        List<byte> versions = [];
        foreach (var snapshot in snapshots)
        {
            var files = await world.RestoreAsync(snapshot, Token);
            var version = Assert.Single(files["folder/version"]);
            Assert.Equal(VaultWorld.Content(version), files);
            versions.Add(version);
        }
        Assert.Equal(Enumerable.Range(1, versions.Count).Select(version => (byte)version), versions.Order());
    }
}
