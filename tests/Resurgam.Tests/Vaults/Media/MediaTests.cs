using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Media;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Media;

public sealed class MediaTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_object_is_on_one_volume_and_no_volume_is_larger_than_was_said()
    {
        var world = await MediaWorld.CreateAsync(Token);
        world.Vault.Overwrite(ReplicaWorld.Generation + "locks/ab", [1]);
        var set = await MediaWorld.PlanAsync(world.Vault, Token);

        Assert.InRange(set.Volumes.Count, 3, 20);
        var planned = set.Common.Concat(set.Volumes.SelectMany(volume => volume)).Select(item => item.Key).ToList();
        Assert.Equal(
            world.Vault.Objects.Keys.Where(key => !key.Contains("locks/", StringComparison.Ordinal)),
            planned.Order(StringComparer.Ordinal)
        );
        for (var number = 1; number <= set.Volumes.Count; number++)
            Assert.InRange(
                (await MediaWorld.WriteAsync(world.Vault, set, number, Token)).Length,
                1,
                MediaWorld.VolumeBytes
            );
        Assert.Equal(set.Write(), MediaSet.Read(set.Write())?.Write());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_vault_comes_back_from_its_volumes_in_any_order_together_or_one_by_one(int seed)
    {
        var world = await MediaWorld.CreateAsync(Token);
        var volumes = await world.WriteAllAsync(Token);
        MemoryStore target = new();
        var order = volumes.ToArray();
        new Random(seed).Shuffle(order);
        MediaSetReport? last = null;
        foreach (var (index, volume) in order.Index())
        {
            (_, last) = await MediaWorld.ReadAsync(target, [volume], Token);
            Assert.Equal(order.Length - index - 1, last.Needed.Count);
        }
        MemoryStore together = new();
        var (_, all) = await MediaWorld.ReadAsync(together, order, Token);

        Assert.True(last?.IsComplete);
        Assert.True(all.IsComplete);
        Assert.Equal(world.Vault.Objects, MediaWorld.ContentOf(target));
        Assert.Equal(world.Vault.Objects, MediaWorld.ContentOf(together));
        using var vault = await world.World.Vault.OpenAsync(target, Token);
        var snapshot = await vault.GetSnapshotAsync("latest", null, Token);
        Assert.Equal(VaultWorld.Content(2), await world.World.Vault.RestoreAsync(snapshot, Token));
    }

    /// <summary>A flipped byte anywhere: what it hits is named or harmless, and the rest comes back byte for byte.</summary>
    [Fact]
    public async Task Damage_of_a_volume_is_named_and_costs_nothing_else()
    {
        var world = await MediaWorld.CreateAsync(Token);
        var volumes = await world.WriteAllAsync(Token);
        Random random = new(11);
        for (var round = 0; round < 50; round++)
        {
            var number = random.Next(volumes.Count);
            var hurt = volumes[number].ToArray();
            var at = random.Next(hurt.Length);
            hurt[at] ^= (byte)(1 << random.Next(8));
            MemoryStore target = new();

            var (reports, set) = await MediaWorld.ReadAsync(
                target,
                volumes.Select((volume, index) => index == number ? hurt : volume).OrderBy(volume => volume == hurt),
                Token
            );

            var content = MediaWorld.ContentOf(target);
            Assert.All(content, item => Assert.Equal(world.Vault.Objects[item.Key], item.Value));
            var lost = world.Vault.Objects.Keys.Except(content.Keys).ToList();
            Assert.InRange(lost.Count, 0, 1);
            Assert.Equal(lost, set.Missing.Select(missing => missing.Key));
            Assert.All(lost, _ => Assert.NotEmpty(reports.SelectMany(report => report.Faults)));
            Assert.NotEqual(BlobId.Of(volumes[number]), reports[^1].Sha256);
        }
    }

    /// <summary>Zeros are how an archive ends, too.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(8192)]
    public async Task Zeros_that_were_written_over_a_volume_cost_no_more_than_they_hit(int at)
    {
        var world = await MediaWorld.CreateAsync(Token);
        var volumes = await world.WriteAllAsync(Token);
        var hurt = volumes[1].ToArray();
        hurt.AsSpan(at, 2048).Clear();
        MemoryStore target = new();

        var (reports, _) = await MediaWorld.ReadAsync(target, [volumes[0], hurt, .. volumes[2..]], Token);

        var lost = world.Vault.Objects.Keys.Except(MediaWorld.ContentOf(target).Keys).Count();
        Assert.InRange(lost, 0, at == 0 ? 0 : 3);
        Assert.True(reports[1].Objects > 0);
        Assert.NotEmpty(reports[1].Faults);
    }

    [Fact]
    public async Task A_volume_that_is_cut_off_gives_what_it_has_and_says_so()
    {
        var world = await MediaWorld.CreateAsync(Token);
        var volumes = await world.WriteAllAsync(Token);
        MemoryStore target = new();

        var (reports, set) = await MediaWorld.ReadAsync(
            target,
            [volumes[0], volumes[1][..(volumes[1].Length / 2)], .. volumes[2..]],
            Token
        );

        Assert.Contains(reports[1].Faults, fault => fault.How.Contains("cut off", StringComparison.Ordinal));
        Assert.Contains(reports[1].Faults, fault => fault.How.Contains("no end", StringComparison.Ordinal));
        Assert.Equal([2], set.Damaged);
        Assert.NotEmpty(set.Missing);
        Assert.All(set.Missing, missing => Assert.Equal(2, missing.Volume));
        var (_, after) = await MediaWorld.ReadAsync(target, [volumes[1]], Token);
        Assert.True(after.IsComplete);
        Assert.Equal(world.Vault.Objects, MediaWorld.ContentOf(target));
    }

    [Fact]
    public async Task Any_one_volume_opens_with_the_secret()
    {
        var world = await MediaWorld.CreateAsync(Token);
        foreach (var volume in await world.WriteAllAsync(Token))
        {
            MemoryStore target = new();
            await MediaWorld.ReadAsync(target, [volume], Token);
            using var vault = await world.World.Vault.OpenAsync(target, Token);
            Assert.NotNull(vault.Descriptor);
        }
    }

    /// <summary>The vault goes on working while the volumes are written.</summary>
    [Fact]
    public async Task What_is_merged_meanwhile_is_written_under_its_new_name()
    {
        var world = await MediaWorld.CreateAsync(Token);
        var set = await MediaWorld.PlanAsync(world.Vault, Token);
        const string cover = ReplicaWorld.WalFolder + "0000000001000000-00000200";
        world.Vault.Overwrite(cover, [1, 2, 3, 4, 5, 6]);
        world.Vault.Remove(ReplicaWorld.WalFolder + "0000000001000000-00000100");
        world.Vault.Remove(ReplicaWorld.WalFolder + "0000000001000100-00000100");
        MemoryStore target = new();
        List<byte[]> volumes = [];
        for (var number = 1; number <= set.Volumes.Count; number++)
            volumes.Add(await MediaWorld.WriteAsync(world.Vault, set, number, Token));

        volumes.Reverse();
        MediaSetReport? last = null;
        foreach (var volume in volumes)
            (_, last) = await MediaWorld.ReadAsync(target, [volume], Token);

        Assert.True(last?.IsComplete, string.Join(' ', last?.Missing.Select(missing => missing.Key) ?? []));
        Assert.Equal(world.Vault.Objects, MediaWorld.ContentOf(target));
    }

    [Fact]
    public async Task Damage_of_the_vault_itself_is_left_out_and_named()
    {
        var world = await MediaWorld.CreateAsync(Token);
        var hurt = world.Vault.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal));
        var set = await MediaWorld.PlanAsync(world.Vault, Token);
        var bytes = world.Vault.Objects[hurt];
        bytes[^1] ^= 1;
        world.Vault.Overwrite(hurt, bytes);
        var number = set.Volumes.Index().First(each => each.Item.Any(item => item.Key == hurt)).Index + 1;

        using MemoryStream volume = new();
        var written = await new MediaWriter(world.Vault, set, Core.Values.NoProgress.Instance).WriteAsync(
            number,
            volume,
            Token
        );

        Assert.Equal([hurt], written.Damaged);
    }

    [Fact]
    public async Task Only_the_generations_that_were_named_are_written()
    {
        var world = await MediaWorld.CreateAsync(Token);
        world.Vault.Overwrite("generations/2026-10/config", [1]);
        var set = await MediaWorld.PlanAsync(world.Vault, Token, generations: ["2026-10"]);

        Assert.Equal(["2026-10"], set.Generations);
        Assert.DoesNotContain(
            set.Common.Concat(set.Volumes.SelectMany(volume => volume)),
            item => item.Key.StartsWith(ReplicaWorld.Generation, StringComparison.Ordinal)
        );
        Assert.Contains(set.Common, item => item.Key == VaultDescriptor.Key);
        Assert.Equal(
            "media-generation-unknown",
            await CodeOfAsync(() => MediaWorld.PlanAsync(world.Vault, Token, generations: ["2020-01"]))
        );
    }

    [Fact]
    public async Task What_would_mix_vaults_or_cannot_be_told_apart_is_refused()
    {
        var world = await MediaWorld.CreateAsync(Token);
        var volumes = await world.WriteAllAsync(Token);
        MemoryStore used = new();
        used.Overwrite("letters/to-my-son", [1]);
        MemoryStore other = new();
        (await new VaultWorld(seed: 9).CreateAsync(other, Token)).Dispose();
        var before = other.Objects;

        Assert.Equal("media-target-refused", await CodeOfAsync(() => MediaWorld.ReadAsync(used, volumes, Token)));
        Assert.Equal("media-other-vault", await CodeOfAsync(() => MediaWorld.ReadAsync(other, volumes, Token)));
        Assert.Equal(before, other.Objects);
        Assert.Equal("media-no-volume", await CodeOfAsync(() => MediaWorld.ReadAsync(null, [new byte[5000]], Token)));
        Assert.Equal(
            "media-no-volume",
            await CodeOfAsync(() =>
                MediaWorld.ReadAsync(
                    null,
                    [
                        [],
                    ],
                    Token
                )
            )
        );
        Assert.Equal(
            "media-volume-too-small",
            await CodeOfAsync(() => MediaWorld.PlanAsync(world.Vault, Token, volumeBytes: 1 << 20))
        );
        Assert.Equal("vault-absent", await CodeOfAsync(() => MediaWorld.PlanAsync(new MemoryStore(), Token)));
    }

    private static async Task<string> CodeOfAsync<T>(Func<Task<T>> work) =>
        (await Assert.ThrowsAsync<ResurgamException>(work)).Problem.Code;
}
