using Resurgam.Adapters.Processes;

namespace Resurgam.Demo;

/// <summary>The demo's own repository of policies.</summary>
internal sealed class DemoPolicies(string folder, TimeProvider time)
{
    private readonly ProcessRunner _runner = new(time);

    public string Repository => Path.Combine(folder, "policies.git");

    public int Commits { get; private set; }

    public async Task CreateAsync(CancellationToken cancellationToken) =>
        await RunAsync(["init", "--quiet", "--bare", Repository], cancellationToken);

    public async Task CommitAsync(string policy, CancellationToken cancellationToken)
    {
        const string name = "refs/heads/main";
        var tree = await RunAsync(["--git-dir", Repository, "mktree"], cancellationToken);
        IReadOnlyList<string> parent = Commits == 0 ? [] : ["-p", name];
        var commit = await RunAsync(
            ["--git-dir", Repository, "commit-tree", tree, .. parent, "-m", policy],
            cancellationToken
        );
        await RunAsync(["--git-dir", Repository, "update-ref", name, commit], cancellationToken);
        await RunAsync(["--git-dir", Repository, "symbolic-ref", "HEAD", name], cancellationToken);
        Commits++;
    }

    /// <summary>Commits that its main branch leads to.</summary>
    public async Task<int> CountAsync(string repository, CancellationToken cancellationToken) =>
        int.Parse(
            await RunAsync(["--git-dir", repository, "rev-list", "--count", "HEAD"], cancellationToken),
            System.Globalization.CultureInfo.InvariantCulture
        );

    private async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        Dictionary<string, string?> who = new()
        {
            ["GIT_AUTHOR_NAME"] = "demo",
            ["GIT_AUTHOR_EMAIL"] = "demo@clinic.example",
            ["GIT_COMMITTER_NAME"] = "demo",
            ["GIT_COMMITTER_EMAIL"] = "demo@clinic.example",
        };
        var result = await _runner.RunWellAsync(
            new ProcessRequest
            {
                Program = "git",
                Arguments = [.. arguments],
                Environment = who,
            },
            cancellationToken
        );
        return result.OutputText.Trim();
    }
}
