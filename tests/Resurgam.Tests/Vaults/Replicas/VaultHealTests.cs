using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Tests.Support;
using Resurgam.Vaults;

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
    [InlineData(false)] // the store lets the damaged version go
    public async Task What_was_written_over_gets_the_older_version_that_its_store_keeps(bool isLocked)
    {
        var (world, store, snapshot) = await KeptAsync(isLocked);
        var whole = ReplicaWorld.CopyOf(world.Store);
        var hurt = PacksOf(world);
        foreach (var key in hurt)
            for (var time = 0; time < 2; time++)
                store.WriteOver(key, Garbled(world.Store.Objects[key]));
        store.LosesPuts = !isLocked; // in one step: no moment without the object

        var healed = await HealAloneAsync(world, store);

        Assert.Equal(hurt, healed.Select(item => item.Key));
        Assert.All(healed, item => Assert.Equal(HealOutcome.Healed, item.Outcome));
        Assert.Equal(whole.Objects, world.Store.Objects);
        Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(snapshot, Token));
        Assert.Empty(await HealAloneAsync(world, store));
    }

    /// <summary>Under lock the damaged version stays: the object is deleted and written, and lost from sight between the two.</summary>
    [Fact]
    public async Task A_heal_cut_off_before_it_wrote_is_ended_by_the_next()
    {
        var (world, store, snapshot) = await KeptAsync(isLocked: true);
        var whole = ReplicaWorld.CopyOf(world.Store);
        var pack = PacksOf(world)[0];
        store.WriteOver(pack, Garbled(world.Store.Objects[pack]));
        store.LosesPuts = true;
        await Assert.ThrowsAnyAsync<Exception>(() => HealAloneAsync(world, store));
        Assert.DoesNotContain(pack, world.Store.Objects.Keys);
        store.LosesPuts = false;

        var dry = await HealAloneAsync(world, store, isDryRun: true);
        Assert.DoesNotContain(pack, world.Store.Objects.Keys);
        var wet = await HealAloneAsync(world, store);

        Assert.Equal((pack, HealOutcome.Healed), (Assert.Single(wet).Key, wet[0].Outcome));
        Assert.Equal(dry, wet);
        Assert.Equal(whole.Objects, world.Store.Objects);
        Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(snapshot, Token));
    }

    /// <summary>Snapshots, packs and keys of a generation are never deleted while it lasts: who did it had no right to.</summary>
    [Fact]
    public async Task A_generation_that_was_deleted_comes_back_unless_it_has_expired()
    {
        var (world, store, snapshot) = await KeptAsync(isLocked: true);
        var whole = ReplicaWorld.CopyOf(world.Store);
        var lost = whole
            .Objects.Keys.Where(key =>
                key.StartsWith("generations/", StringComparison.Ordinal)
                && !key.Contains("/keys/", StringComparison.Ordinal)
            )
            .ToList();
        foreach (var key in lost)
            await store.DeleteAsync(key, Token);
        var mark = $"{string.Join('/', lost[0].Split('/')[..2])}/{Vault.ExpiryMarkName}";
        using (var vault = await world.OpenAsync(store, Token))
            await store.PutAsync(mark, vault.Seal([1]), Token);

        foreach (var opened in (IStore[])[store, whole]) // another place may not have heard of it
            Assert.DoesNotContain(
                await HealAloneAsync(world, store, opened: opened),
                item => item.Key.Contains("/data/", StringComparison.Ordinal)
            );
        world.Store.Remove(mark);
        await HealAloneAsync(world, store);

        Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(snapshot, Token));
        Assert.Empty((await world.CheckAsync(store, Token)).Damage);
    }

    /// <summary>WAL that was merged, and keys that were withdrawn, are gone with good reason.</summary>
    [Fact]
    public async Task What_was_deleted_with_good_reason_stays_away()
    {
        var (world, store, _) = await KeptAsync(isLocked: true);
        var folder = PacksOf(world)[0].Split("/data/")[0] + "/wal/db/00000001/";
        var key = world.Store.Objects.Keys.First(key => key.Contains("/keys/", StringComparison.Ordinal));
        string[] small = [folder + "0000000001000000-00000100", folder + "0000000001000100-00000100"];
        var merged = folder + "0000000001000000-00000200";
        using (var vault = await world.OpenAsync(store, Token))
        {
            var generation = await vault.GetGenerationKeyAsync(merged.Split('/')[1], Token);
            var wal = new byte[SealingKey.OverheadBytes + 3];
            generation.Seal(new byte[3], Enumerable.Repeat((byte)1, 16).ToArray(), wal);
            foreach (var name in (string[])[.. small, merged])
                await store.PutAsync(name, wal, Token);
        }
        foreach (var name in (string[])[.. small, key])
            await store.DeleteAsync(name, Token);

        Assert.Empty(await HealAloneAsync(world, store));
        await store.DeleteAsync(merged, Token);
        var healed = await HealAloneAsync(world, store);

        Assert.Equal(merged, Assert.Single(healed).Key);
        Assert.All((string[])[.. small, key], name => Assert.DoesNotContain(name, world.Store.Objects.Keys));
    }

    [Fact]
    public async Task Versions_that_may_not_be_looked_at_are_told_and_are_not_taken_for_none()
    {
        var (world, store, _) = await KeptAsync(isLocked: true);
        var pack = PacksOf(world)[0];
        store.WriteOver(pack, Garbled(world.Store.Objects[pack]));
        store.ShowsVersions = false;

        var unseen = Assert.Single(await HealAloneAsync(world, store));

        Assert.Equal((pack, HealOutcome.NoCopy), (unseen.Key, unseen.Outcome));
        Assert.Equal("the credentials may not list versions", unseen.Unseen);
        Assert.EndsWith("nobody can tell: the credentials may not list versions", unseen.How, StringComparison.Ordinal);
        Assert.Contains(
            "nobody can tell whether the store keeps older versions that are whole (the credentials may not list versions)",
            VaultHealCommand.NoCopyNote("plan", [unseen]),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the store keeps no older version that is whole",
            VaultHealCommand.NoCopyNote("plan", [unseen with { Unseen = null }]),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(1, HealOutcome.Healed)] // another one is whole
    [InlineData(2, HealOutcome.NoCopy)]
    public async Task A_version_that_may_not_be_read_ends_no_search(int unreadableAt, HealOutcome outcome)
    {
        var (world, store, _) = await KeptAsync(isLocked: true);
        var pack = PacksOf(world)[0];
        for (var time = 0; time < 2; time++)
            store.WriteOver(pack, Garbled(world.Store.Objects[pack]));
        store.UnreadableAt = unreadableAt;

        var healed = Assert.Single(await HealAloneAsync(world, store));

        Assert.Equal(outcome, healed.Outcome);
        Assert.Equal(outcome == HealOutcome.NoCopy ? "it may not be read" : null, healed.Unseen);
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

    /// <summary>A vault in a store that keeps versions, with a snapshot.</summary>
    private static async Task<(VaultWorld World, KeepingStore Store, SnapshotEntry Snapshot)> KeptAsync(bool isLocked)
    {
        VaultWorld world = new();
        KeepingStore store = new(world.Store) { LockedUntil = isLocked ? DateTimeOffset.MaxValue : null };
        (await world.CreateAsync(store, Token)).Dispose();
        var snapshot = await world.CaptureAsync(store, VaultWorld.Content(1), Token);
        return (world, store, snapshot);
    }

    private static List<string> PacksOf(VaultWorld world) =>
        [.. world.Store.Objects.Keys.Where(key => key.Contains("/data/", StringComparison.Ordinal))];

    private static byte[] Garbled(byte[] bytes) => [.. bytes.Select(value => unchecked((byte)(value + 1)))];

    private static async Task<IReadOnlyList<HealedObject>> HealAloneAsync(
        VaultWorld world,
        KeepingStore store,
        bool isDryRun = false,
        IStore? opened = null
    )
    {
        using var vault = await world.OpenAsync(opened ?? store, Token);
        using VaultHeal heal = new(store, [], vault, NoProgress.Instance);
        return (await heal.RunAsync(isDryRun, Token)).Damaged;
    }

    private static async Task<VaultHealResult> HealAsync(
        ReplicaWorld world,
        IStore patient,
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
