using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Git;

/// <summary>Repositories over a network: who may read, what never shows, and what a cut leaves behind.</summary>
public sealed class GitTroubleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_password_goes_to_its_server_and_into_no_list_of_processes()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        List<string> seen = [];
        await using GitHttpServer server = new(world.Folder, GitWorld.Password)
        {
            Asked = _ => seen.AddRange(CommandLines()),
        };
        await world.WritePlanAsync($"{server.Address}/one/.git");
        Assert.Equal("git-auth-failed", await RefusalAsync(world, 10));
        await world.WritePlanWithAsync(GitWorld.PasswordKeys, $"{server.Address}/one/.git");

        await world.RunAsync("backup", GitWorld.Asset);
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));

        var restored = Directory.GetDirectories(world.Combine("to"), ".git.git", SearchOption.AllDirectories);
        await world.AssertSameAsync(world.Combine("one"), Assert.Single(restored));
        Assert.Contains(seen, line => line.Contains("ls-remote", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, line => line.Contains(GitWorld.Password, StringComparison.Ordinal));
        await world.WritePlanWithAsync(GitWorld.PasswordKeys, "http://git.example.net/one.git");
        Assert.Equal("git-password-in-clear", await RefusalAsync(world, 10));
    }

    [Fact(Timeout = 120_000)]
    public async Task Servers_that_are_not_there_are_told()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using GitHttpServer server = new(world.Folder, password: null);
        await world.WritePlanAsync("http://127.0.0.1:1/x.git");
        Assert.Equal("git-unreachable", await RefusalAsync(world, 30));
        await world.WritePlanAsync("git://127.0.0.1:1/x.git");
        Assert.Equal("git-unreachable", await RefusalAsync(world, 30));
        await world.WritePlanAsync("https://no-such-host.invalid/x.git");
        Assert.Equal("git-unreachable", await RefusalAsync(world, 30));
        await world.WritePlanAsync($"{server.Address}/none.git");
        Assert.Equal("git-no-repository", await RefusalAsync(world, 10));
    }

    [Fact(Timeout = 120_000)]
    public async Task We_may_die_in_the_middle_and_the_next_backup_is_whole()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using GitHttpServer slow = new(world.Folder, password: null)
        {
            HoldsBack = true,
            Asked = path =>
            {
                if (path.EndsWith("git-upload-pack", StringComparison.Ordinal))
                    asked.TrySetResult();
            },
        };
        await world.WritePlanAsync($"{slow.Address}/one/.git");
        await using (var backup = world.Start("backup", GitWorld.Asset))
        {
            await asked.Task.WaitAsync(Token);
            Assert.Equal("git-busy", await RefusalAsync(world, 30)); // two at once
            backup.Kill();
            await backup.WaitForExitAsync(Token);
        }
        slow.Release();
        await world.RunAsync("vault", "check", "--read-data");
        await world.RunAsync("backup", GitWorld.Asset);
        var verification = await world.AskAsync(0, "verify", GitWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_never_answers_ends_with_the_time_of_the_plan()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using GitHttpServer slow = new(world.Folder, password: null) { HoldsBack = true };
        await world.WritePlanWithAsync("timeout: 1s", $"{slow.Address}/one/.git");
        Assert.Equal("git-slow", await RefusalAsync(world, 30));
    }

    private static async Task<string> RefusalAsync(GitWorld world, int exitCode) =>
        (await world.AskAsync(exitCode, "backup", GitWorld.Asset)).GetProperty("error").GetProperty("code").GetString()
        ?? "";

    private static IEnumerable<string> CommandLines()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            var line = "";
            try
            {
                if (int.TryParse(Path.GetFileName(process), out _))
                    line = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue; // it has ended
            }
            yield return line;
        }
    }
}
