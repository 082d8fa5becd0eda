using System.Text.Json;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Git;

/// <summary>The repositories of an organisation, found by the program over HTTP and cloned from there.</summary>
public sealed class GitHubTests
{
    private const string Api = "/api/v3";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task An_organisation_is_captured_and_status_tells_of_what_is_new_and_what_is_gone()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var server = new GitHttpServer(world.Folder, password: null);
        GitHubDouble gitHub = new(server.Address + Api, "acme", GitWorld.Password) { CloneBase = server.Address };
        server.GitHub = gitHub;
        await MakeAsync(world, gitHub, "policies", "services");
        await world.WriteGitHubPlanAsync(server.Address + Api, ", exclude: ['sandbox-*']");

        await world.AskAsync(0, "backup", GitWorld.Asset);
        Assert.Empty(await FindingsAsync(world));
        await MakeAsync(world, gitHub, "clusters", "sandbox-1");
        var second = await world.AskAsync(23, "backup", GitWorld.Asset);

        Assert.Contains(
            "clusters is new in the organisation",
            Assert.Single(FindingsOf(second)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "clusters is new in the organisation",
            Assert.Single(await FindingsAsync(world)),
            StringComparison.Ordinal
        );

        gitHub.Repositories.Remove("services");
        Directory.Delete(world.Combine("acme/services.git"), recursive: true);
        await world.AskAsync(23, "backup", GitWorld.Asset);

        var gone = Assert.Single(await FindingsAsync(world));
        Assert.Contains("services is no longer in the organisation", gone, StringComparison.Ordinal);
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));
        foreach (var name in (string[])["policies", "services", "clusters"])
            await world.AssertSameAsync(
                world.Combine(name),
                Assert.Single(Directory.GetDirectories(world.Combine("to"), $"{name}.git", SearchOption.AllDirectories))
            );
        Assert.Empty(Directory.GetDirectories(world.Combine("to"), "sandbox-1.git", SearchOption.AllDirectories));
        Assert.All(gitHub.Asked, path => Assert.DoesNotContain(GitWorld.Password, path, StringComparison.Ordinal));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_token_that_is_refused_is_told_and_a_listing_that_fails_later_loses_no_repository()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var server = new GitHttpServer(world.Folder, password: null);
        server.GitHub = new GitHubDouble(server.Address + Api, "acme", "another token");
        await world.WriteGitHubPlanAsync(server.Address + Api);
        var refused = await world.AskAsync(10, "backup", GitWorld.Asset);
        Assert.Equal("github-refused", refused.GetProperty("error").GetProperty("code").GetString());

        GitHubDouble gitHub = new(server.Address + Api, "acme", GitWorld.Password) { CloneBase = server.Address };
        server.GitHub = gitHub;
        await MakeAsync(world, gitHub, "policies");
        await world.AskAsync(0, "backup", GitWorld.Asset);
        server.GitHub = new GitHubDouble(server.Address + Api, "acme", "another token");
        await world.CommitAsync("policies", "new", "new");
        await world.GitAsync(world.Combine("policies"), "push", "-q", world.Combine("acme/policies.git"), "main");

        var later = await world.AskAsync(23, "backup", GitWorld.Asset);

        Assert.Contains(
            "the repositories of the snapshot before are captured",
            Assert.Single(FindingsOf(later)),
            StringComparison.Ordinal
        );
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));
        var restored = Assert.Single(
            Directory.GetDirectories(world.Combine("to"), "policies.git", SearchOption.AllDirectories)
        );
        Assert.Equal("new", await world.GitAsync(restored, "show", "main:new"));
    }

    /// <summary>Git LFS by its own protocol over HTTP: fetched, verified, checked out from what was restored, and pushed to a new host.</summary>
    [Fact(Timeout = 180_000)]
    public async Task Large_files_come_from_a_server_and_go_to_another_one()
    {
        Servers.RequireInPath("git-lfs");
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var (old, next) = (world.Combine("old"), world.Combine("next"));
        foreach (var host in (string[])[old, next])
        {
            Directory.CreateDirectory(Path.Combine(host, "lfs-files"));
            await world.GitAsync(host, "init", "-q", "--bare", "-b", "main", "one.git");
        }
        var content = new string('x', 50_000);
        await using (
            var server = new GitHttpServer(old, GitWorld.Password) { LargeFiles = Path.Combine(old, "lfs-files") }
        )
        {
            await PushLargeFileAsync(world, Path.Combine(old, "one.git"), content);
            var id = Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(content))
            );
            File.Move(
                Path.Combine(old, $"one.git/lfs/objects/{id[..2]}/{id[2..4]}/{id}"),
                Path.Combine(old, "lfs-files", id)
            );
            await world.WritePlanWithAsync(GitWorld.PasswordKeys, $"{server.Address}/one.git");
            await world.AskAsync(0, "backup", GitWorld.Asset);
        }

        var verified = await world.AskAsync(0, "verify", GitWorld.Asset);
        Assert.Contains("1 of LFS, recorded 1, each with its own hash", verified.ToString(), StringComparison.Ordinal);
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));
        var restored = Assert.Single(
            Directory.GetDirectories(world.Combine("to"), "one.git", SearchOption.AllDirectories)
        );
        await CheckOutAsync(world, $"file://{restored}", "from-folder", content);

        await using (
            var server = new GitHttpServer(next, password: null) { LargeFiles = Path.Combine(next, "lfs-files") }
        )
        {
            await world.AskAsync(0, "restore", GitWorld.Asset, "--to", $"{server.Address}/{{name}}.git");
            await CheckOutAsync(world, $"{server.Address}/one.git", "from-host", content);
        }
    }

    private static async Task PushLargeFileAsync(GitWorld world, string host, string content)
    {
        var one = world.Combine("one");
        await world.GitAsync(one, "lfs", "install", "--local");
        await world.GitAsync(one, "lfs", "track", "*.bin");
        await world.CommitAsync("one", "x.bin", content);
        await world.GitAsync(one, "remote", "add", "origin", $"file://{host}");
        await world.GitAsync(one, "push", "-q", "origin", "main");
    }

    private static async Task CheckOutAsync(GitWorld world, string address, string name, string content)
    {
        await world.GitAsync(
            world.Folder,
            "-c",
            "filter.lfs.smudge=git-lfs smudge -- %f",
            "-c",
            "filter.lfs.process=git-lfs filter-process",
            "-c",
            "filter.lfs.required=true",
            "clone",
            "-q",
            address,
            name
        );
        Assert.Equal(content, await File.ReadAllTextAsync(Path.Combine(world.Combine(name), "x.bin"), Token));
    }

    private static async Task MakeAsync(GitWorld world, GitHubDouble gitHub, params string[] names)
    {
        foreach (var name in names)
        {
            await world.MakeRepositoryAsync(name);
            await world.GitAsync(world.Folder, "clone", "-q", "--mirror", world.Combine(name), $"acme/{name}.git");
            gitHub.Repositories.Add(name);
        }
    }

    private static IReadOnlyList<string> FindingsOf(JsonElement backup) =>
        [.. backup.GetProperty("findings").EnumerateArray().Select(finding => finding.GetString() ?? "")];

    /// <returns>What <c>status</c> tells of the newest snapshot.</returns>
    private static async Task<IReadOnlyList<string>> FindingsAsync(GitWorld world)
    {
        var exit = await world.TryRunAsync("status", "--output", "json");
        using var status = JsonDocument.Parse(exit.Output);
        return
        [
            .. status
                .RootElement.GetProperty("assets")[0]
                .GetProperty("findings")
                .EnumerateArray()
                .Where(finding => finding.GetProperty("code").GetString() == "backup-flawed")
                .Select(finding => finding.GetProperty("what").GetString() ?? ""),
        ];
    }
}
