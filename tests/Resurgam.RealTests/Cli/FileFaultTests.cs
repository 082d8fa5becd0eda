using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Cli;

/// <summary>Full disks, missing rights, read-only mounts: told as what they are, by the place where they are.</summary>
public sealed class FileFaultTests
{
    private const int Fix = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_file_of_a_snapshot_that_does_not_fit_where_the_output_goes_is_no_bug()
    {
        using var world = await MakeAsync(TestContext.Current.CancellationToken);
        var exit = await world.TryRunIntoAsync("/dev/full", "cat", "odd", $"{world.SourcePath}/one");
        Assert.Equal(Fix, exit.ExitCode);
        Assert.Contains("code: stdout-failed", exit.Error, StringComparison.Ordinal);
        Assert.Contains("run the same command again", exit.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_target_that_this_user_may_not_look_at_is_no_bug()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can become nobody");
        using var world = await MakeAsync(TestContext.Current.CancellationToken);
        var closed = world.Combine("closed");
        await ListedFile.BashAsync(
            world.Restic.Folder,
            "mkdir closed; chmod 700 closed; chmod 755 .; chown -R 65534:65534 vault state"
        );
        var exit = await world.TryRunAsNobodyAsync("restore", "odd", "--to", Path.Combine(closed, "x"));
        Assert.Equal(Fix, exit.ExitCode);
        Assert.Contains($"error: {closed}/x cannot be restored", exit.Error, StringComparison.Ordinal);
        Assert.Contains("code: target-write", exit.Error, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("verify")]
    [InlineData("backup")]
    public async Task A_state_folder_that_cannot_be_written_is_named(string command)
    {
        using var world = await MakeAsync(TestContext.Current.CancellationToken);
        await using var mount = await Mount.ReadOnlyAsync(world.Combine("state"), world.Combine("state"), Token);
        var exit = await world.TryRunAsync(command, "odd");
        Assert.Equal(Fix, exit.ExitCode);
        Assert.Contains("error: the state folder cannot be used", exit.Error, StringComparison.Ordinal);
        Assert.Contains("code: state-failed", exit.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_demo_in_a_folder_that_cannot_be_made_is_no_bug()
    {
        using var world = await MakeAsync(TestContext.Current.CancellationToken);
        var exit = await world.TryRunAsync("demo", "--folder", "/proc/x");
        Assert.Equal(Fix, exit.ExitCode);
        Assert.Contains("error: the demo cannot use /proc/x", exit.Error, StringComparison.Ordinal);
    }

    private static async Task<FilesWorld> MakeAsync(CancellationToken cancellationToken)
    {
        var world = await FilesWorld.CreateAsync(cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(world.Source, "one"), "one", cancellationToken);
        await world.BackUpAsync();
        return world;
    }
}
