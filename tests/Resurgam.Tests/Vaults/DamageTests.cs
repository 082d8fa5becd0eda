using System.Buffers;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>One bit of each object in turn: it is found and named, and what does not need it still restores.</summary>
public sealed class DamageTests
{
    private const string Generation = "generations/2026-11/";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flipped_bit_anywhere_is_named_and_never_restores_as_something_else()
    {
        var world = await TwoSnapshotsAsync();
        foreach (var key in world.Store.Objects.Keys)
        {
            var healthy = world.Store.Objects[key];
            Flip(world.Store, key);

            Assert.Contains(key, await NamedAsync(world), StringComparison.Ordinal);
            var restored = await RestorableAsync(world);
            world.Store.Overwrite(key, healthy);

            if (key.Contains("/data/", StringComparison.Ordinal) || key == VaultDescriptor.Key)
                continue; // what is in that pack is lost; RestorableAsync has seen that nothing false came back
            var expected =
                key.StartsWith(Generation + "snapshots/", StringComparison.Ordinal) ? 1
                : key.StartsWith(Generation + "index/", StringComparison.Ordinal) ? restored
                : 2;
            Assert.True(expected == restored, $"{key}: {restored} snapshots restore, not {expected}");
        }
    }

    /// <summary>What is not there is missed as what is damaged is, and keeps nothing else from coming back.</summary>
    [Theory]
    [InlineData("RESTORE.md")]
    [InlineData(Generation + "RESTORE.md")]
    [InlineData(Generation + "config")]
    public async Task What_is_in_no_snapshot_is_missed_and_not_needed(string key)
    {
        var world = await TwoSnapshotsAsync();
        world.Store.Remove(key);

        Assert.Contains(key, await NamedAsync(world), StringComparison.Ordinal);
        Assert.Equal(2, await RestorableAsync(world));
    }

    [Fact]
    public async Task Every_byte_of_a_pack_is_checked()
    {
        var world = await TwoSnapshotsAsync();
        var key = Keys(world, Generation + "data/").MinBy(key => world.Store.Objects[key].Length)!;
        var healthy = world.Store.Objects[key];
        for (var at = healthy.Length - 1; at >= 0; at -= Math.Max(1, healthy.Length / 200))
        {
            var damaged = healthy.ToArray();
            damaged[at] ^= 0x10;
            world.Store.Overwrite(key, damaged);
            Assert.Contains(key, await NamedAsync(world), StringComparison.Ordinal);
        }
        world.Store.Overwrite(key, [0, .. healthy]);
        Assert.Contains(key, await NamedAsync(world), StringComparison.Ordinal);
    }

    /// <summary>The packs are sound and the index is sealed, and still nothing would restore.</summary>
    [Fact]
    public async Task An_index_that_names_a_wrong_place_is_found()
    {
        var world = await TwoSnapshotsAsync();
        using (var vault = await world.OpenAsync(world.Store, Token))
        {
            var repository = await vault.OpenCurrentGenerationAsync(Token);
            foreach (var key in Keys(world, Generation + "index/"))
            {
                Assert.True(BlobId.TryParse(key[^64..], out var id));
                var packs = IndexDocument.Read((await repository.FindJsonAsync(FileKind.Index, id, Token))!);
                await world.Store.DeleteAsync(key, Token);
                var shifted = packs.Select(pack => new IndexedPack(
                    pack.Id,
                    [.. pack.Entries.Select(entry => entry with { Offset = entry.Offset == 0 ? 1 : entry.Offset })]
                ));
                ArrayBufferWriter<byte> json = new();
                IndexDocument.Write([.. shifted], json);
                await repository.PutJsonAsync(FileKind.Index, json.WrittenMemory, Token);
            }
        }

        Assert.Contains(
            "1 of the blobs that the index names are not there",
            await NamedAsync(world),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_backup_beside_a_damaged_index_stores_again_what_the_index_hid()
    {
        var world = await TwoSnapshotsAsync();
        foreach (var index in Keys(world, Generation + "index/"))
            Flip(world.Store, index);

        var files = VaultWorld.Content(2);
        var snapshot = await world.CaptureAsync(world.Store, files, Token);

        Assert.Equal(files, await world.RestoreAsync(snapshot, Token));
    }

    [Fact]
    public async Task A_backup_beside_a_damaged_snapshot_works()
    {
        var world = await TwoSnapshotsAsync();
        foreach (var key in Keys(world, Generation + "snapshots/"))
            Flip(world.Store, key);

        var files = VaultWorld.Content(3);
        Assert.Equal(files, await world.RestoreAsync(await world.CaptureAsync(world.Store, files, Token), Token));
    }

    [Fact]
    public async Task A_wrong_secret_is_told_apart_from_damage()
    {
        var world = await TwoSnapshotsAsync();
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            Vault.OpenAsync(world.Store, "battery staple", world.Host, Token)
        );
        Assert.Equal("vault-wrong-secret", failure.Problem.Code);
    }

    [Fact]
    public async Task A_wrong_secret_does_not_open_a_vault_with_a_damaged_key_file_either()
    {
        var world = await TwoSnapshotsAsync();
        Flip(world.Store, Assert.Single(Keys(world, "keys/")));

        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            Vault.OpenAsync(world.Store, "battery staple", world.Host, Token)
        );

        Assert.Equal("vault-damaged", failure.Problem.Code);
    }

    /// <summary>Without the vault's key there is no new generation: that is told before anything is written.</summary>
    [Fact]
    public async Task A_vault_whose_key_file_is_damaged_restores_and_makes_no_new_generation()
    {
        var world = await TwoSnapshotsAsync();
        Flip(world.Store, Assert.Single(Keys(world, "keys/")));
        world.Time.Advance(TimeSpan.FromDays(31));

        Assert.Equal(2, await RestorableAsync(world));
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            world.CaptureAsync(world.Store, VaultWorld.Content(3), Token)
        );

        Assert.Equal("vault-damaged", failure.Problem.Code);
        Assert.DoesNotContain(
            world.Store.Objects.Keys,
            key => key.StartsWith("generations/2026-12", StringComparison.Ordinal)
        );
    }

    /// <summary>Of two makers of a vault at once one is told that there is one; its key file stays behind.</summary>
    [Fact]
    public async Task The_key_file_of_a_maker_who_came_second_does_no_harm()
    {
        var world = await TwoSnapshotsAsync();
        for (var stray = 0; stray < 4; stray++) // they sort before and after the right one
        {
            var file = KeyDocument
                .Create(
                    SealingKey.Create(world.Host.Entropy),
                    VaultWorld.Password,
                    world.Host.Entropy,
                    world.Time.GetUtcNow(),
                    "host",
                    "user",
                    world.Host.KeyCost
                )
                .Write();
            await world.Store.PutAsync($"keys/{BlobId.Of(file).Hex}", file, Token);
        }

        Assert.Equal(2, await RestorableAsync(world));
        Assert.Empty((await world.CheckAsync(world.Store, Token)).Damage);
    }

    private static async Task<VaultWorld> TwoSnapshotsAsync()
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        await world.CaptureAsync(world.Store, VaultWorld.Content(1), Token);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.CaptureAsync(world.Store, VaultWorld.Content(2), Token);
        return world;
    }

    private static List<string> Keys(VaultWorld world, string prefix) =>
        [.. world.Store.Objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];

    private static void Flip(MemoryStore store, string key)
    {
        var bytes = store.Objects[key];
        bytes[bytes.Length / 2] ^= 0x10;
        store.Overwrite(key, bytes);
    }

    /// <summary>All that the check says, or the error that keeps the vault shut.</summary>
    private static async Task<string> NamedAsync(VaultWorld world)
    {
        try
        {
            return string.Join('\n', (await world.CheckAsync(world.Store, Token)).Damage);
        }
        catch (ResurgamException e)
        {
            return e.Problem.What;
        }
    }

    /// <returns>How many snapshots come back byte for byte; one that comes back otherwise fails the test.</returns>
    private static async Task<int> RestorableAsync(VaultWorld world)
    {
        var count = 0;
        try
        {
            using var vault = await world.OpenAsync(world.Store, Token);
            foreach (var snapshot in await vault.ListSnapshotsAsync(VaultWorld.Asset, Token))
                count += await RestoresAsync(world, snapshot) ? 1 : 0;
        }
        catch (ResurgamException e)
        {
            Assert.Equal(VaultDescriptor.Key, e.Problem.What[..VaultDescriptor.Key.Length]);
        }
        return count;
    }

    private static async Task<bool> RestoresAsync(VaultWorld world, Core.Vaults.Snapshots.SnapshotEntry snapshot)
    {
        try
        {
            var files = await world.RestoreAsync(snapshot, Token);
            Assert.Equal(VaultWorld.Content(files["folder/version"][0]), files);
            return true;
        }
        catch (ResurgamException e)
        {
            Assert.Equal(Remedy.Fix, e.Problem.Remedy);
            return false;
        }
    }
}
