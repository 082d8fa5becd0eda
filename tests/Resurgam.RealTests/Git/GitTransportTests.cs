using System.Diagnostics;
using System.Globalization;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Git;

/// <summary>SSH and git's own protocol, both with real servers; HTTP is everywhere else. And blobs larger than memory.</summary>
public sealed class GitTransportTests
{
    private const int LargeBytes = 160_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Repositories_behind_ssh_are_captured_and_pushed_back_by_key_and_from_a_known_host_alone()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var server = await SshServer.StartAsync(TestContext.Current.CancellationToken);
        var address = server.AddressOf(world.Combine("one/.git"));
        await world.WritePlanWithAsync(Keys(server.StrangeKey, server.KnownHosts), address);
        Assert.Equal("git-auth-failed", await RefusalAsync(world));
        await world.WritePlanWithAsync(Keys(server.Key, server.WrongHosts), address);
        Assert.Equal("git-host-key", await RefusalAsync(world));
        await world.WritePlanWithAsync(Keys(server.Key, server.KnownHosts), address);

        await world.RunAsync("backup", GitWorld.Asset);
        await world.RunAsync("verify", GitWorld.Asset);
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "new.git");
        await world.RunAsync("restore", GitWorld.Asset, "--to", server.AddressOf(world.Combine("new.git")));

        await world.AssertSameAsync(world.Combine("one"), world.Combine("new.git"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Repositories_of_a_git_daemon_are_captured_as_they_change()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var port = Loopback.FreePort();
        using var daemon = StartDaemon(world.Folder, port);
        try
        {
            await Eventually.HoldsAsync(
                "git daemon answers",
                () => Loopback.Listens(port),
                TestContext.Current.CancellationToken
            );
            await world.WritePlanAsync(string.Create(CultureInfo.InvariantCulture, $"git://127.0.0.1:{port}/one/.git"));
            await world.RunAsync("backup", GitWorld.Asset);
            await world.CommitAsync("one", "d", "more");

            await world.RunAsync("backup", GitWorld.Asset);
        }
        finally
        {
            daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync(CancellationToken.None);
        }
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));
        var restored = Directory.GetDirectories(world.Combine("to"), ".git.git", SearchOption.AllDirectories);
        await world.AssertSameAsync(world.Combine("one"), Assert.Single(restored));
    }

    /// <summary>Every git gets 128 MB here: one that takes a blob of 160 MB into memory dies of it.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_blob_larger_than_the_memory_that_git_may_take_is_captured_and_verified()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var bytes = new byte[LargeBytes];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(world.Combine("one"), "large"), bytes, Token);
        await world.CommitAsync("one", "a", "beside the large one");
        await world.GitAsync(world.Combine("one"), "-c", "core.bigFileThreshold=1m", "repack", "-a", "-d", "-q");
        await world.LimitGitAsync(megabytes: 128);

        await world.RunAsync("backup", GitWorld.Asset);
        await world.RunAsync("verify", GitWorld.Asset);
    }

    private static string Keys(string key, string hosts) => $"ssh-key: {key}, known-hosts: {hosts}";

    private static async Task<string> RefusalAsync(GitWorld world) =>
        (await world.AskAsync(10, "backup", GitWorld.Asset)).GetProperty("error").GetProperty("code").GetString() ?? "";

    private static Process StartDaemon(string folder, int port) =>
        Process.Start(
            "git",
            [
                "daemon",
                "--export-all",
                "--reuseaddr",
                "--listen=127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"--port={port}"),
                $"--base-path={folder}",
                folder,
            ]
        );
}
