using System.Runtime.CompilerServices;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>Stores that refuse to delete, forget what they acknowledged, or list late.</summary>
public sealed class StubbornStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_lets_nothing_go_takes_a_vault_and_backups()
    {
        VaultWorld world = new();
        LockedStore locked = new(world.Store);
        (await world.CreateAsync(locked, Token)).Dispose();
        for (var version = 1; version <= 3; version++)
            await world.CaptureAsync(locked, VaultWorld.Content(version), Token);

        Assert.Empty((await world.CheckAsync(world.Store, Token)).Damage);
        using var vault = await world.OpenAsync(locked, Token);
        var latest = await vault.GetSnapshotAsync("latest", null, Token);
        Assert.Equal(VaultWorld.Content(3), await world.RestoreAsync(latest, Token));
    }

    /// <summary>Each acknowledged object in turn is not there afterwards: the check names it, and a copy from another place brings it.</summary>
    [Fact]
    public async Task An_object_that_was_acknowledged_and_lost_is_found_and_brought_back()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        var whole = ReplicaWorld.CopyOf(world.Primary);
        foreach (
            var key in whole.Objects.Keys.Where(key =>
                key.Contains("/data/", StringComparison.Ordinal)
                || key.Contains("/keys/", StringComparison.Ordinal)
                || key.EndsWith("/config", StringComparison.Ordinal)
            )
        )
        {
            world.Primary.Remove(key);

            Assert.NotEmpty((await world.Vault.CheckAsync(world.Primary, Token)).Damage);
            var back = await ReplicaWorld.CopyAsync(whole, world.Primary, Token);

            Assert.Equal(1, back.Objects);
            Assert.Equal(whole.Objects, world.Primary.Objects);
        }
    }

    [Fact]
    public async Task A_target_that_lists_late_is_no_harm()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        var again = await ReplicaWorld.CopyAsync(world.Primary, new LateStore(replica), Token);

        Assert.Equal((0, 0), (again.Objects, again.Findings.Count));
        Assert.Equal(world.Primary.Objects, replica.Objects);
    }

    [Theory]
    [InlineData("generations/2026-11/data/ab/cd", "2027-03-01T00:00:00Z")]
    [InlineData("generations/2026-12/wal/db/x", "2027-04-01T00:00:00Z")]
    [InlineData("ledger/asset.db/000000000001", "2027-02-21T12:00:00Z")]
    [InlineData("generations/2026-01/config", "2027-02-21T12:00:00Z")]
    [InlineData("generations/2026-11/locks/ab", null)]
    [InlineData("probe-00", "2026-11-23T12:01:00Z")]
    public void What_is_in_a_generation_is_locked_until_the_generation_may_go(string key, string? until)
    {
        DateTimeOffset now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        var expected = until is null
            ? (DateTimeOffset?)null
            : DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expected, LockHorizon.Of(key, now, TimeSpan.FromDays(90)));
    }

    /// <summary>Shows nothing in a listing but the descriptor.</summary>
    private sealed class LateStore(IStore inner) : PassingStore(inner)
    {
        public override async IAsyncEnumerable<StoreObject> ListAsync(
            string prefix,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var item in base.ListAsync(prefix, cancellationToken))
                if (item.Key == VaultDescriptor.Key)
                    yield return item;
        }
    }
}
