using Resurgam.Adapters.Git.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>A bare copy of one repository in the state folder, brought up to date by git itself. Cache: it can be made anew.</summary>
/// <remarks>
/// Its objects lie in packs alone and its refs in <c>packed-refs</c> alone. Nothing is ever pruned from it, so what a forced
/// push took away stays in it, too.
/// </remarks>
internal sealed class Mirror(string path, GitAddress address, GitProgram git)
{
    private const string CheckedFile = "resurgam-checked";

    /// <summary>More packs make git slow; joining some of them, the smallest ones, leaves the large ones as they are.</summary>
    private const int MostPacks = 24;

    private readonly List<string> _notes = [];

    public string Path => path;

    /// <summary>What is odd about its objects, and no reason to refuse them.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public bool Exists => File.Exists(In("HEAD")) && Directory.Exists(In("objects/pack"));

    public bool IsShallow => File.Exists(In("shallow"));

    public string ObjectFormat =>
        File.ReadAllText(In("config")).Contains("sha256", StringComparison.OrdinalIgnoreCase) ? "sha256" : "sha1";

    /// <summary>Content of <c>HEAD</c>, without the line break.</summary>
    public string Head => File.ReadAllText(In("HEAD")).Trim();

    /// <summary>Names of the packs without ending, sorted.</summary>
    public IReadOnlyList<string> Packs =>
        [
            .. Directory
                .EnumerateFiles(In("objects/pack"), "pack-*.idx")
                .Select(file => System.IO.Path.GetFileNameWithoutExtension(file))
                .Where(name => File.Exists(In($"objects/pack/{name}.pack")))
                .Order(StringComparer.Ordinal),
        ];

    private GitCall Local => new() { Mirror = path };

    private GitCall Remote => new() { Mirror = path, Address = address };

    public byte[] ReadPackedRefs() => File.Exists(In("packed-refs")) ? File.ReadAllBytes(In("packed-refs")) : [];

    /// <exception cref="ResurgamException"><c>git-failed</c>: the file has an unknown form.</exception>
    public GitRefs ReadRefs() => GitRefs.TryReadPacked(ReadPackedRefs()) ?? throw GitProblems.Garbled(path);

    /// <summary>Makes it as the remote is, and proves that it is whole.</summary>
    /// <exception cref="ResurgamException"><c>git-*</c>: the mirror is then as it was, or needs only to be fetched again.</exception>
    public async Task UpdateAsync(CancellationToken cancellationToken)
    {
        RemoveLeftovers();
        var (refs, head) = await git.ListRemoteAsync(address, cancellationToken);
        if (Exists && refs.All.Count > 0 && ObjectFormat != FormatOf(refs))
            Remove();
        if (!Exists)
            await CloneAsync(cancellationToken);
        else if (refs.Digest != ReadRefs().Digest)
            await FetchAsync(cancellationToken);
        await SetHeadAsync(head, cancellationToken);
        if (await FindDamageAsync(cancellationToken) is null)
            return;
        Remove(); // it was our copy that rotted, or the remote that is broken: a new one tells
        await CloneAsync(cancellationToken);
        if (await FindDamageAsync(cancellationToken) is { } damage)
        {
            Remove();
            throw CaptureProblems.Broken(address, damage);
        }
    }

    /// <summary>Looks at what is here, without the remote.</summary>
    /// <returns>Null when it is whole; else what is wrong.</returns>
    public async Task<string?> FindDamageAsync(CancellationToken cancellationToken)
    {
        var packs = Packs;
        var state = $"{ReadRefs().Digest} {Head}";
        var seen = ReadChecked();
        if (seen.Length > 0 && seen[0] == state && packs.All(seen.Contains))
            return null;
        ObjectCheck check = new(path, git);
        var damage =
            seen.Length == 0
                ? await check.FindDamageAsync(cancellationToken)
                : await check.FindDamageAsync([.. packs.Where(pack => !seen.Contains(pack))], cancellationToken);
        _notes.AddRange(check.Notes);
        if (damage is not null)
            return damage;
        WriteChecked([state, .. packs]);
        return null;
    }

    /// <summary>Whether a commit's history has another commit in it; false, too, when one of them is not here.</summary>
    public async Task<bool> IsAncestorAsync(string old, string now, CancellationToken cancellationToken)
    {
        var result = await git.TryRunAsync(["merge-base", "--is-ancestor", old, now], Local, cancellationToken);
        return result.ExitCode == 0;
    }

    /// <summary>Joins packs when there are many; with a new generation, which stores everything anew, into one.</summary>
    public async Task RepackAsync(bool isFresh, CancellationToken cancellationToken)
    {
        var packs = Packs.Count;
        if (packs > MostPacks || HasLooseObjects())
            await git.RunAsync(["repack", "--geometric=2", "-d", "-q"], Local, cancellationToken);
        else if (isFresh && packs > 1)
            await git.RunAsync(["repack", "-a", "-d", "-q"], Local, cancellationToken);
        else
            return;
        if (await FindDamageAsync(cancellationToken) is { } damage)
            throw CaptureProblems.Broken(address, damage);
    }

    public void Remove()
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    internal string In(string name) => System.IO.Path.Combine(path, name);

    private async Task CloneAsync(CancellationToken cancellationToken)
    {
        var begun = $"{path}.begun";
        if (Directory.Exists(begun))
            Directory.Delete(begun, recursive: true);
        Remove();
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? "/");
        // Not --git-dir: clone makes it. The mark says whose it is all the same.
        await git.RunAsync(
            ["clone", "--mirror", "--quiet", "--no-local", "--template=", "--", address.Text, begun],
            new GitCall { Address = address, Marked = path },
            cancellationToken
        );
        Directory.Move(begun, path);
        await PackRefsAsync(cancellationToken);
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        await git.RunAsync(
            [
                "fetch",
                "--quiet",
                "--prune",
                "--force",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-show-forced-updates",
                "--no-auto-maintenance",
                "--no-recurse-submodules",
                "--update-shallow",
                "--",
                address.Text,
                "+refs/*:refs/*",
            ],
            Remote,
            cancellationToken
        );
        await PackRefsAsync(cancellationToken);
    }

    private Task<ProcessResult> PackRefsAsync(CancellationToken cancellationToken) =>
        git.RunAsync(["pack-refs", "--all", "--prune"], Local, cancellationToken);

    /// <param name="head">As the remote says; null: it has none that leads anywhere, and ours stays.</param>
    private async Task SetHeadAsync(string? head, CancellationToken cancellationToken)
    {
        const string symbolic = "ref: ";
        if (head is null || head == Head)
            return;
        if (head.StartsWith(symbolic, StringComparison.Ordinal))
            await git.RunAsync(["symbolic-ref", "HEAD", head[symbolic.Length..]], Local, cancellationToken);
        else
            await git.RunAsync(["update-ref", "--no-deref", "HEAD", head], Local, cancellationToken);
    }

    /// <summary>What a git that was killed leaves behind. Nobody else works here: see <see cref="MirrorCache"/>.</summary>
    private void RemoveLeftovers()
    {
        if (!Exists)
            return;
        foreach (var file in Directory.EnumerateFiles(path, "*.lock").ToList())
            File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(In("refs"), "*.lock", SearchOption.AllDirectories).ToList())
            File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(In("objects"), "tmp_*", SearchOption.AllDirectories).ToList())
            File.Delete(file);
    }

    private bool HasLooseObjects() =>
        Directory.EnumerateDirectories(In("objects")).Any(folder => System.IO.Path.GetFileName(folder).Length == 2);

    private string[] ReadChecked() => File.Exists(In(CheckedFile)) ? File.ReadAllLines(In(CheckedFile)) : [];

    private void WriteChecked(IReadOnlyList<string> lines)
    {
        var beside = In($"{CheckedFile}.new");
        File.WriteAllLines(beside, lines);
        File.Move(beside, In(CheckedFile), overwrite: true);
    }

    private static string FormatOf(GitRefs refs) => refs.All[0].Id.Length == 64 ? "sha256" : "sha1";
}
