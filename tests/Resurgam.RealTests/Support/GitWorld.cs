using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Resurgam.Adapters.Processes;

namespace Resurgam.RealTests.Support;

/// <summary>Repositories to protect as asset <c>code</c>, a vault for them, and the program to do it with; gone afterwards.</summary>
internal sealed class GitWorld : IDisposable
{
    public const string Asset = "code";
    public const string Password = "git: correct horse";

    private const string Variable = "RESURGAM_TEST_SECRET";
    private const string PasswordVariable = "RESURGAM_TEST_GIT";

    private readonly CancellationToken _cancellationToken;
    private string _path = Environment.GetEnvironmentVariable("PATH") ?? "";

    private GitWorld(CancellationToken cancellationToken) => _cancellationToken = cancellationToken;

    public string Folder { get; } = Directory.CreateTempSubdirectory("resurgam-git-").FullName;

    public static string PasswordKeys => $"user: backup, password: {{ env: {PasswordVariable} }}";

    /// <summary>A vault, and a repository <c>one</c> with two branches and a tag.</summary>
    public static async Task<GitWorld> CreateAsync(CancellationToken cancellationToken)
    {
        GitWorld world = new(cancellationToken);
        await world.MakeRepositoryAsync("one");
        await world.WritePlanAsync(world.Combine("one"));
        await world.RunAsync("vault", "create");
        return world;
    }

    public string Combine(string name) => Path.Combine(Folder, name);

    /// <summary>Where a mirror of a local repository is cached.</summary>
    public string MirrorOf(string name) => Combine($"state/git/{Asset}/{NameOf(name)}.git");

    /// <summary>What the program calls a local repository.</summary>
    public string NameOf(string name) => Combine(name).Trim('/');

    public Task WritePlanAsync(params string[] addresses) => WritePlanWithAsync("", addresses);

    public Task WritePlanWithAsync(string keys, params string[] addresses) =>
        File.WriteAllTextAsync(
            Combine("plan.yaml"),
            $$"""
            resurgam: 1
            state: {{Combine("state")}}
            vault: { store: "file://{{Combine("vault")}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}: { kind: git, repositories: [{{string.Join(", ", addresses.Select(a => $"'{a}'"))}}]{{(
                keys.Length == 0 ? "" : $", {keys}"
            )}} }

            """,
            _cancellationToken
        );

    /// <summary>A plan of all repositories of an organisation <c>acme</c>, whose token is the password.</summary>
    public Task WriteGitHubPlanAsync(string api, string more = "") =>
        File.WriteAllTextAsync(
            Combine("plan.yaml"),
            $$"""
            resurgam: 1
            state: {{Combine("state")}}
            vault: { store: "file://{{Combine("vault")}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}: { kind: git, github: { organisation: acme, api: "{{api}}", token: { env: {{PasswordVariable}} }{{more}} } }

            """,
            _cancellationToken
        );

    /// <summary>A repository with two branches, an annotated tag, a note, and files that do not compress.</summary>
    public async Task MakeRepositoryAsync(string name, params string[] initOptions)
    {
        await GitAsync(Folder, ["init", "-q", "-b", "main", .. initOptions, name]);
        await CommitAsync(name, "a", new string('a', 1000));
        await GitAsync(Combine(name), "tag", "-a", "v1", "-m", "first");
        await GitAsync(Combine(name), "branch", "other");
        await CommitAsync(name, "b/c", name);
        await GitAsync(Combine(name), "notes", "add", "-m", "a note");
    }

    /// <returns>Id of the new commit.</returns>
    public async Task<string> CommitAsync(string name, string file, string content)
    {
        var path = Path.Combine(Combine(name), file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content, _cancellationToken);
        await GitAsync(Combine(name), "add", "-A");
        await GitAsync(Combine(name), "commit", "-q", "-m", file);
        return (await GitAsync(Combine(name), "rev-parse", "HEAD")).Trim();
    }

    /// <summary>A script that a bare repository runs when it is pushed to, in its folder.</summary>
    public async Task HookAsync(string name, string hook, string script)
    {
        var path = Path.Combine(Combine(name), "hooks", hook);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", _cancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>From now on the program finds a git that may have so much memory of its own, and no more.</summary>
    public async Task LimitGitAsync(int megabytes)
    {
        Servers.RequireInPath("prlimit");
        Directory.CreateDirectory(Combine("limited"));
        var script = Combine("limited/git");
        var git = ProgramPath.TryFind("git", out var found) ? found : "git";
        await File.WriteAllTextAsync(
            script,
            $"#!/bin/sh\nexec prlimit --data={megabytes}000000 {git} \"$@\"\n",
            _cancellationToken
        );
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _path = $"{Combine("limited")}:{_path}";
    }

    /// <summary>All refs of a repository, bare or not, with what they point to; and its HEAD.</summary>
    public async Task<string> RefsAsync(string folder) =>
        await GitAsync(folder, "for-each-ref", "--format=%(objectname) %(objecttype) %(refname)")
        + await GitAsync(folder, "symbolic-ref", "HEAD");

    /// <summary>Clones what was restored, and compares it with the source.</summary>
    public async Task AssertSameAsync(string source, string restored)
    {
        await GitAsync(restored, "fsck", "--full", "--strict");
        var clone = Combine($"clone-{Guid.NewGuid():N}");
        await GitAsync(Folder, "clone", "--mirror", "-q", "--no-local", restored, clone);
        Assert.Equal(await RefsAsync(source), await RefsAsync(clone));
    }

    /// <summary>Runs git, which has to succeed.</summary>
    /// <returns>Its standard output, one character a byte.</returns>
    public async Task<string> GitAsync(string folder, params string[] arguments)
    {
        ProcessStartInfo info = new("git", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        foreach (var (name, value) in Identity)
            info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync(_cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(_cancellationToken);
        await process.WaitForExitAsync(_cancellationToken);
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {await error}");
        return output;
    }

    /// <summary>Runs the program, which has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    public Task<ResurgamExit> TryRunAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(["--plan", "plan.yaml", .. arguments], Around, _cancellationToken);

    public ResurgamProcess Start(params string[] arguments) =>
        ResurgamProcess.Start(["--plan", "plan.yaml", .. arguments], Around);

    /// <returns>The document that a command prints.</returns>
    /// <param name="exitCode">What it has to end with.</param>
    /// <param name="arguments">Without the program's name.</param>
    public async Task<JsonElement> AskAsync(int exitCode, params string[] arguments)
    {
        var exit = await TryRunAsync([.. arguments, "--output", "json"]);
        Assert.True(exit.ExitCode == exitCode, exit.ToString());
        Assert.DoesNotContain(Password, exit.ToString(), StringComparison.Ordinal);
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.Clone();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static readonly Dictionary<string, string> Identity = new()
    {
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_AUTHOR_NAME"] = "Test",
        ["GIT_AUTHOR_EMAIL"] = "test@example.net",
        ["GIT_COMMITTER_NAME"] = "Test",
        ["GIT_COMMITTER_EMAIL"] = "test@example.net",
        ["GIT_ALLOW_PROTOCOL"] = "file:http",
    };

    private ResurgamSurroundings Around =>
        new()
        {
            Folder = Folder,
            Environment = new Dictionary<string, string>
            {
                [Variable] = StockRestic.Password,
                [PasswordVariable] = Password,
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["GIT_CONFIG_NOSYSTEM"] = "1",
                ["PATH"] = _path,
            },
        };
}
