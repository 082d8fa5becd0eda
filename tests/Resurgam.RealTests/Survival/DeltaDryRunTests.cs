using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>Before a restore over a cluster that is there: what would be lost, by name, and what would be written.</summary>
public sealed class DeltaDryRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_a_delta_restore_would_delete_and_write_is_told_and_not_done()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await Load.InsertAsync(world.Server, megabytes: 2, Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var target = world.NewTarget();
        await world.RunAsync("restore", "latest", "--to", target);
        await File.WriteAllTextAsync(Path.Combine(target, "stranger"), "mine", Token);
        Directory.CreateDirectory(Path.Combine(target, "base", "strange", "folder"));
        var relation = Directory
            .EnumerateFiles(Path.Combine(target, "base"), "*", SearchOption.AllDirectories)
            .OrderByDescending(file => new FileInfo(file).Length)
            .First();
        using (var file = File.OpenWrite(relation))
            file.WriteByte(0xFF);
        var before = ClusterWorld.Fingerprint(target);
        string[] restore = ["restore", "latest", "--to", target, "--delta"];

        var dry = await world.TryRunAsync([.. restore, "--dry-run"]);

        Assert.True(dry.ExitCode == 0, dry.ToString());
        Assert.Contains("would delete ", dry.Error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(target, "stranger"), dry.Error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(target, "base", "strange"), dry.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("strange/folder", dry.Error, StringComparison.Ordinal);
        Assert.Contains(Path.GetRelativePath(target, relation), dry.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("PG_VERSION", dry.Error, StringComparison.Ordinal);
        Assert.Equal(before, ClusterWorld.Fingerprint(target));

        await world.RunAsync(restore);
        Assert.False(File.Exists(Path.Combine(target, "stranger")));
        Assert.False(Directory.Exists(Path.Combine(target, "base", "strange")));
        await world.VerifyAsync(target);
    }
}
