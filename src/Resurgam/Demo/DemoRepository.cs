using System.Globalization;
using System.Text;
using Resurgam.Adapters.Processes;

namespace Resurgam.Demo;

/// <summary>A bare repository of the demo, whose branch <c>main</c> has one file.</summary>
internal sealed class DemoRepository(string path, TimeProvider time)
{
    private const string Branch = "refs/heads/main";
    private const string FileName = "content";

    private readonly ProcessRunner _runner = new(time);

    /// <summary>Git is installed here.</summary>
    public static bool IsPossible => ProgramPath.TryFind("git", out _);

    public string Path => path;

    public int Commits { get; private set; }

    public async Task CreateAsync(CancellationToken cancellationToken) =>
        await RunAsync(["init", "--quiet", "--bare", path], cancellationToken);

    public async Task CommitAsync(string content, CancellationToken cancellationToken)
    {
        var blob = await RunInAsync(["hash-object", "-w", "--stdin"], cancellationToken, content);
        var tree = await RunInAsync(["mktree"], cancellationToken, $"100644 blob {blob}\t{FileName}\n");
        IReadOnlyList<string> parent = Commits == 0 ? [] : ["-p", Branch];
        var commit = await RunInAsync(["commit-tree", tree, .. parent, "-m", content], cancellationToken);
        await RunInAsync(["update-ref", Branch, commit], cancellationToken);
        await RunInAsync(["symbolic-ref", "HEAD", Branch], cancellationToken);
        Commits++;
    }

    /// <summary>A tag of the newest commit.</summary>
    public Task TagAsync(string name, CancellationToken cancellationToken) =>
        RunInAsync(["update-ref", $"refs/tags/{name}", Branch], cancellationToken);

    /// <summary>What the file says at the tip of the branch.</summary>
    public Task<string> ReadAsync(CancellationToken cancellationToken) =>
        RunInAsync(["cat-file", "blob", $"{Branch}:{FileName}"], cancellationToken);

    /// <summary>Commits that its main branch leads to.</summary>
    public async Task<int> CountAsync(string repository, CancellationToken cancellationToken) =>
        int.Parse(
            await RunAsync(["--git-dir", repository, "rev-list", "--count", "HEAD"], cancellationToken),
            CultureInfo.InvariantCulture
        );

    private Task<string> RunInAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        string input = ""
    ) => RunAsync(["--git-dir", path, .. arguments], cancellationToken, input);

    private async Task<string> RunAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        string input = ""
    )
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
                Input = Encoding.UTF8.GetBytes(input),
            },
            cancellationToken
        );
        return result.OutputText.Trim();
    }
}
