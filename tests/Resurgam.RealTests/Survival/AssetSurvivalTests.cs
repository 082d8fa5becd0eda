using System.Diagnostics;
using System.Globalization;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>kill -9, full disks and damage, of every kind of asset but clusters of PostgreSQL, which have their own tests, and with the real program.</summary>
public sealed class AssetSurvivalTests(ITestOutputHelper output)
{
    private const int Points = 4;
    private const int Bug = 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(AssetWorld.Kinds), MemberType = typeof(AssetWorld))]
    public async Task A_backup_killed_at_any_moment_leaves_only_snapshots_that_restore(string kind)
    {
        var random = TestSeed.NewRandom(output);
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        var length = await MeasureAsync(() => world.RunAsync("backup", world.Asset));
        var taken = 1;
        for (var point = 0; point < Points; point++)
        {
            await world.ChangeAsync();
            var isKilled = await KillAsync(world, length, random, ["backup", world.Asset]);
            var snapshots = await world.CountSnapshotsAsync();
            Assert.InRange(snapshots, isKilled ? taken : taken + 1, taken + 1);
            taken = snapshots;
            await world.RunAsync("vault", "check", "--read-data");
        }

        await world.RunAsync("backup", world.Asset);
        await world.AssertCleanAsync();

        await world.RunAsync("verify", world.Asset);
        var target = world.NewTarget();
        await world.RunAsync(world.RestoreTo(target));
        await world.AssertSameAsync(target);
    }

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(AssetWorld.RestoredKinds), MemberType = typeof(AssetWorld))]
    public async Task A_restore_killed_at_any_moment_goes_on_when_it_is_run_again(string kind)
    {
        var random = TestSeed.NewRandom(output);
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        var first = world.NewTarget();
        var length = await MeasureAsync(() => world.RunAsync(world.RestoreTo(first)));
        await world.AssertSameAsync(first);
        await world.RemoveAsync(first);
        for (var point = 0; point < Points; point++)
        {
            var target = world.NewTarget();
            var restore = world.RestoreTo(target);
            await KillAsync(world, length, random, restore);
            await KillAsync(world, length, random, restore); // the second try dies, too
            var exit = await world.TryRunAsync(restore);
            output.WriteLine(exit.ToString());

            // It may have been through, and then all of it is there.
            Assert.True(
                exit.ExitCode == 0 || exit.Error.Contains("target-not-empty-refused", StringComparison.Ordinal),
                exit.ToString()
            );
            await world.AssertSameAsync(target);
            await world.RemoveAsync(target);
        }
    }

    [Theory(Timeout = 120_000)]
    [InlineData("git", 4)]
    [InlineData("redis", 3)]
    public async Task A_full_target_is_told_and_the_restore_goes_on_when_there_is_room(string kind, int megabytes)
    {
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", world.Asset);
        var target = world.NewTarget();
        await using var small = await Mount.TemporaryAsync(target, megabytes, Token);

        var full = await world.TryRunAsync(world.RestoreTo(target));
        await small.ResizeAsync(megabytes: 200, Token);
        await world.RunAsync(world.RestoreTo(target));

        Assert.True(full.ExitCode == 10, full.ToString());
        Assert.Contains("code: target-full", full.Error, StringComparison.Ordinal);
        await world.AssertSameAsync(target);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_whose_disk_is_full_is_told_and_the_databases_come_back_when_there_is_room()
    {
        await using var world = await LogicalAsset.CreateAsync(TestContext.Current.CancellationToken);
        await world.RunAsync("backup", world.Asset);
        await using var small = await Mount.TemporaryAsync(
            await world.Server.MakeFolderAsync("small", Token),
            megabytes: 6,
            Token
        );
        var place = await world.Server.MakeFolderAsync("small/space", Token);
        await world.Server.QueryAsync($"create tablespace small location '{place}'", Token);
        await world.Server.QueryAsync($"grant create on tablespace small to {LogicalWorld.Role}", Token);
        await world.Server.QueryAsync($"alter role {LogicalWorld.Role} set default_tablespace = small", Token);

        var full = await world.TryRunAsync(world.RestoreTo("server:"));
        await small.ResizeAsync(megabytes: 200, Token);
        await world.RunAsync(world.RestoreTo("server:"));

        Assert.True(full.ExitCode == 10, full.ToString());
        Assert.Contains("code: postgres-dump-failed", full.Error, StringComparison.Ordinal);
        Assert.Contains("No space left on device", full.Error, StringComparison.Ordinal);
        await world.AssertSameAsync("server:");
        await world.RemoveAsync("server:"); // before the disk that they lie on goes
    }

    /// <summary>Scratch, mirrors and the places of verifications lie in the state folder.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(AssetWorld.VerifiedKinds), MemberType = typeof(AssetWorld))]
    public async Task A_full_state_folder_is_told_and_harms_nothing(string kind)
    {
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var state = await Mount.TemporaryAsync(world.State, megabytes: 200, Token);
        await world.RunAsync("backup", world.Asset);
        await world.ChangeAsync();
        await state.FillAsync(freeKilobytes: 256, Token);

        var backup = await world.TryRunAsync("backup", world.Asset);
        var verify = await world.TryRunAsync("verify", world.Asset);

        output.WriteLine($"{backup}\n{verify}");
        await world.RunAsync("vault", "check", "--read-data");
        state.Relieve();
        await world.RunAsync("backup", world.Asset);
        await world.RunAsync("verify", world.Asset);
        var target = world.NewTarget();
        await world.RunAsync(world.RestoreTo(target));
        await world.AssertSameAsync(target);
        Assert.True(verify.ExitCode != 0, "there was room to verify");
        foreach (var exit in new[] { backup, verify }.Where(exit => exit.ExitCode != 0))
        {
            Assert.NotEqual(Bug, exit.ExitCode);
            Assert.Matches("no room|No space|full", exit.Output + exit.Error);
        }
    }

    /// <summary>What needs nothing of it goes on, whatever else is full; all else is told.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(AssetWorld.OtherKinds), MemberType = typeof(AssetWorld))]
    public async Task A_backup_with_a_full_state_folder_is_whole_or_told(string kind)
    {
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var state = await Mount.TemporaryAsync(world.State, megabytes: 64, Token);
        await world.RunAsync("backup", world.Asset);
        await world.ChangeAsync();
        await state.FillAsync(freeKilobytes: 0, Token);

        var full = await world.TryRunAsync("backup", world.Asset);

        output.WriteLine(full.ToString());
        Assert.Equal(full.ExitCode == 0 ? 2 : 1, await world.CountSnapshotsAsync());
        await world.AssertCleanAsync();
        state.Relieve();
        await world.RunAsync("backup", world.Asset);
        var target = world.NewTarget();
        await world.RunAsync(world.RestoreTo(target));
        await world.AssertSameAsync(target);
        Assert.NotEqual(Bug, full.ExitCode);
        if (full.ExitCode != 0)
            Assert.Matches("no room|No space|full", full.Output + full.Error);
    }

    /// <summary>To the last byte: even a key of a few bytes has no room.</summary>
    [Theory(Timeout = 180_000)]
    [MemberData(nameof(AssetWorld.Kinds), MemberType = typeof(AssetWorld))]
    public async Task A_store_that_is_full_or_may_not_be_written_is_told_and_harms_nothing(string kind)
    {
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var store = await Mount.TemporaryAsync(world.Vault, megabytes: 100, Token);
        await world.RunAsync("vault", "create");
        await world.RunAsync("backup", world.Asset);
        await world.ChangeAsync();
        ResurgamExit barred;
        await using (await Mount.ReadOnlyAsync(world.Vault, world.Vault, Token))
            barred = await world.TryRunAsync("backup", world.Asset);
        await store.FillAsync(freeKilobytes: 0, Token);

        var full = await world.TryRunAsync("backup", world.Asset);

        Assert.True(barred.ExitCode == 10, barred.ToString());
        Assert.Contains("code: store-refused", barred.Error, StringComparison.Ordinal);
        Assert.True(full.ExitCode == 10, full.ToString());
        Assert.Contains("code: store-full", full.Error, StringComparison.Ordinal);
        Assert.Equal(1, await world.CountSnapshotsAsync());
        store.Relieve();
        await world.AssertCleanAsync();
        await world.RunAsync("backup", world.Asset);
        var target = world.NewTarget();
        await world.RunAsync(world.RestoreTo(target));
        await world.AssertSameAsync(target);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("secret")]
    [MemberData(nameof(AssetWorld.VerifiedKinds), MemberType = typeof(AssetWorld))]
    public async Task Damage_fails_the_verification_and_the_restore_which_goes_on_when_it_is_mended(string kind)
    {
        await using var world = await AssetWorld.CreateAsync(kind, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", world.Asset);
        var pack = Directory
            .EnumerateFiles(world.Vault, "*", SearchOption.AllDirectories)
            .Where(file => file.Contains("/data/", StringComparison.Ordinal))
            .MaxBy(file => new FileInfo(file).Length);
        Assert.NotNull(pack);
        var target = world.NewTarget();
        ResurgamExit check;
        ResurgamExit verify;
        ResurgamExit restore;
        using (new FlippedBit(pack))
        {
            check = await world.TryRunAsync("vault", "check", "--read-data");
            verify = await world.TryRunAsync("verify", world.Asset);
            restore = await world.TryRunAsync(world.RestoreTo(target));
        }

        Assert.True(check.ExitCode == 20, check.ToString());
        Assert.Contains(Path.GetFileName(pack), check.Output + check.Error, StringComparison.Ordinal);
        Assert.True(verify.ExitCode is 20 or 21, verify.ToString());
        Assert.True(restore.ExitCode == 20, restore.ToString());
        Assert.Contains(Path.GetFileName(pack)[..8], restore.Error, StringComparison.Ordinal);
        await world.RunAsync(world.RestoreTo(target));
        await world.AssertSameAsync(target);
        await world.RunAsync("verify", world.Asset);
    }

    private async Task<bool> KillAsync(AssetWorld world, TimeSpan length, Random random, string[] arguments)
    {
        var age = length * random.NextDouble();
        var isKilled = await world.KillAfterAsync(age, arguments);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{arguments[0]}: {age.TotalMilliseconds:0} of {length.TotalMilliseconds:0} ms, {(isKilled ? "killed" : "ended")}"
            )
        );
        return isKilled;
    }

    private static async Task<TimeSpan> MeasureAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed;
    }
}
