using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Replicas;

public sealed class VaultHealTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_damaged_object_gets_its_whole_copy_again()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        DropStandInWal(world.Primary);
        var whole = ReplicaWorld.CopyOf(world.Primary);
        var damaged = whole.Objects.Where(item => item.Value.Length > 0).Select(item => item.Key).ToList();
        foreach (var key in damaged)
        {
            var bytes = whole.Objects[key];
            bytes[bytes.Length / 2] ^= 1;
            world.Primary.Overwrite(key, bytes);
        }

        var dry = await HealAsync(world, world.Primary, whole, isDryRun: true);
        var wet = await HealAsync(world, world.Primary, whole, isDryRun: false);

        Assert.Equal(damaged.Order(StringComparer.Ordinal), dry.Damaged.Select(healed => healed.Key));
        Assert.Equal(dry.Damaged, wet.Damaged);
        Assert.All(wet.Damaged, healed => Assert.Equal(HealOutcome.Healed, healed.Outcome));
        Assert.Equal(whole.Objects, world.Primary.Objects);
        Assert.Empty((await HealAsync(world, world.Primary, whole, isDryRun: false)).Damaged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // credentials that may not look at versions
    public async Task What_was_written_over_gets_the_older_version_that_its_store_keeps(bool showsVersions)
    {
        VaultWorld world = new();
        KeepingStore store = new(world.Store) { LockedUntil = DateTimeOffset.MaxValue };
        (await world.CreateAsync(store, Token)).Dispose();
        var snapshot = await world.CaptureAsync(store, VaultWorld.Content(1), Token);
        var hurt = world.Store.Objects.Keys.Where(key => key.Contains("/data/", StringComparison.Ordinal)).ToList();
        foreach (var key in hurt)
        {
            var bytes = world.Store.Objects[key];
            await store.DeleteAsync(key, Token);
            await store.PutAsync(key, bytes.Select(value => (byte)(value ^ 0xFF)).ToArray(), Token);
        }
        store.ShowsVersions = showsVersions;

        using var vault = await world.OpenAsync(store, Token);
        using VaultHeal heal = new(store, [], vault, NoProgress.Instance);
        var healed = (await heal.RunAsync(isDryRun: false, Token)).Damaged;

        Assert.Equal(hurt, healed.Select(item => item.Key));
        var outcome = showsVersions ? HealOutcome.Healed : HealOutcome.NoCopy;
        Assert.All(healed, item => Assert.Equal(outcome, item.Outcome));
        if (showsVersions)
            Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(snapshot, Token));
    }

    /// <summary>All that is in them is known: no other place is needed, nor the right to delete where they are missing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Guides_and_configs_are_made_anew(bool isMissing)
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        var snapshot = await world.CaptureAsync(world.Store, VaultWorld.Content(1), Token);
        List<string> damaged =
        [
            .. world.Store.Objects.Keys.Where(key =>
                key.EndsWith("RESTORE.md", StringComparison.Ordinal)
                || key.EndsWith("/config", StringComparison.Ordinal)
            ),
        ];
        Assert.Equal(3, damaged.Count);
        var guide = world.Store.Objects["RESTORE.md"];
        foreach (var key in damaged)
            if (isMissing)
                world.Store.Remove(key);
            else
                world.Store.Overwrite(key, [.. world.Store.Objects[key], 1]);

        using var vault = await world.OpenAsync(world.Store, Token);
        using (VaultHeal dry = new(world.Store, [], vault, NoProgress.Instance))
            Assert.Equal(3, (await dry.RunAsync(isDryRun: true, Token)).Damaged.Count);
        Assert.Equal(3, (await world.CheckAsync(world.Store, Token)).Damage.Count);
        using VaultHeal heal = new(
            isMissing ? new LockedStore(world.Store) : world.Store,
            [],
            vault,
            NoProgress.Instance
        );
        var result = await heal.RunAsync(isDryRun: false, Token);

        Assert.Equal(damaged.Order(StringComparer.Ordinal), result.Damaged.Select(each => each.Key));
        Assert.All(result.Damaged, each => Assert.Equal(HealOutcome.Remade, each.Outcome));
        Assert.Equal(guide, world.Store.Objects["RESTORE.md"]);
        Assert.Empty((await world.CheckAsync(world.Store, Token)).Damage);
        Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(snapshot, Token));
    }

    [Fact]
    public async Task What_is_damaged_everywhere_is_named_and_left()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        DropStandInWal(world.Primary);
        var other = ReplicaWorld.CopyOf(world.Primary);
        var pack = world.Primary.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal));
        world.Primary.Overwrite(pack, [1]);
        other.Overwrite(pack, [2]);

        var result = await HealAsync(world, world.Primary, other, isDryRun: false);

        var left = Assert.Single(result.Damaged);
        Assert.Equal((pack, HealOutcome.NoCopy), (left.Key, left.Outcome));
        Assert.Equal([1], world.Primary.Objects[pack]);
    }

    [Fact]
    public async Task A_store_that_lets_nothing_go_keeps_what_is_damaged_and_it_is_said()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        DropStandInWal(world.Primary);
        var whole = ReplicaWorld.CopyOf(world.Primary);
        var pack = world.Primary.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal));
        world.Primary.Overwrite(pack, [1]);

        var result = await HealAsync(world, new LockedStore(world.Primary), whole, isDryRun: false);

        Assert.Equal(HealOutcome.Refused, Assert.Single(result.Damaged).Outcome);
        Assert.Equal([1], world.Primary.Objects[pack]);
    }

    /// <summary>What the loser of a race to make the vault left behind is no damage, for the check and for this alike.</summary>
    [Fact]
    public async Task A_record_of_another_maker_is_no_damage_and_a_broken_one_is()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        DropStandInWal(world.Primary);
        VaultWorld loser = new(seed: 9);
        (await loser.CreateAsync(loser.Store, Token)).Dispose();
        foreach (
            var (key, bytes) in loser.Store.Objects.Where(item => item.Key.StartsWith("key", StringComparison.Ordinal))
        )
            world.Primary.Overwrite(key, bytes);
        var whole = ReplicaWorld.CopyOf(world.Primary);

        Assert.Empty((await HealAsync(world, world.Primary, whole, isDryRun: true)).Damaged);
        Assert.Empty((await world.Vault.CheckAsync(world.Primary, Token)).Damage);

        var left = Assert.Single(loser.Store.Objects.Keys, key => key.StartsWith("keys/", StringComparison.Ordinal));
        world.Primary.Remove(left); // killed before its key file
        Assert.Empty((await HealAsync(world, world.Primary, whole, isDryRun: true)).Damaged);
        Assert.Empty((await world.Vault.CheckAsync(world.Primary, Token)).Damage);

        var own = world.Primary.Objects.Keys.Single(key =>
            key.StartsWith("key-records/", StringComparison.Ordinal) && !loser.Store.Objects.ContainsKey(key)
        );
        world.Primary.Overwrite(own, [.. world.Primary.Objects[own].Reverse()]);
        Assert.Equal(own, Assert.Single((await HealAsync(world, world.Primary, whole, isDryRun: true)).Damaged).Key);
        Assert.Equal(own, Assert.Single((await world.Vault.CheckAsync(world.Primary, Token)).Damage).Subject);
    }

    private static async Task<VaultHealResult> HealAsync(
        ReplicaWorld world,
        Core.Vaults.IStore patient,
        MemoryStore other,
        bool isDryRun
    )
    {
        using var vault = await world.Vault.OpenAsync(other, Token);
        using VaultHeal heal = new(patient, [other], vault, NoProgress.Instance);
        return await heal.RunAsync(isDryRun, Token);
    }

    /// <summary>The world's WAL is not sealed; here seals are looked at.</summary>
    private static void DropStandInWal(MemoryStore store)
    {
        foreach (var key in store.Objects.Keys.Where(key => key.Contains("/wal/", StringComparison.Ordinal)))
            store.Remove(key);
    }
}
