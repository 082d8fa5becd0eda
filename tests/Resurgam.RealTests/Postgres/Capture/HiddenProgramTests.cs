using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Capture;

/// <summary>A program in root's home, which PostgreSQL's own user may not enter.</summary>
public sealed class HiddenProgramTests
{
    [Fact(Timeout = 180_000)]
    public async Task A_server_recovers_although_its_user_may_not_reach_the_program()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the servers of others than root run as themselves");
        var token = TestContext.Current.CancellationToken;
        await using var world = await ClusterWorld.CreateAsync(null, token);
        await world.Server.QueryAsync("create table t as select generate_series(1, 7) as n", token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var hidden = Path.Combine(world.Folder, "hidden");
        Directory.CreateDirectory(hidden, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var program = Path.Combine(hidden, Path.GetFileName(ResurgamProcess.Program));
        foreach (var part in PartsOf(ResurgamProcess.Program))
            File.Copy(part, Path.Combine(hidden, Path.GetFileName(part)));

        var verified = await world.TryRunWithAsync(program, "verify", ClusterWorld.Asset);

        Assert.True(verified.ExitCode == 0, verified.ToString());
    }

    /// <summary>One file, or a build with all its parts beside it.</summary>
    private static IEnumerable<string> PartsOf(string program) =>
        File.Exists($"{program}.dll") ? Directory.EnumerateFiles(Path.GetDirectoryName(program) ?? "/") : [program];
}
