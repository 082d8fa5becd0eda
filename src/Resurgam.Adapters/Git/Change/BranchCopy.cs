using System.Globalization;
using System.Text;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Adapters.Secrets;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Git.Change;

/// <summary>
/// A bare copy of one branch for as long as a step works: commits are made in it without a checkout, and pushed only onto the
/// tip that they were made for.
/// </summary>
internal sealed class BranchCopy : IDisposable
{
    /// <summary>Outside of heads and tags: no name there is taken for the beginning of an id.</summary>
    private const string Own = "refs/step/";
    private const string Tip = $"{Own}tip";

    private readonly Target.Git _target;
    private readonly GitProgram _git;
    private readonly ScratchSeat _seat;

    private BranchCopy(Target.Git target, GitProgram git, ScratchSeat seat) =>
        (_target, _git, _seat) = (target, git, seat);

    private string Folder => _seat.Folder;

    private GitCall Local => new() { Mirror = Folder };

    private GitCall Remote => new() { Mirror = Folder, Address = _target.Address };

    private string Ref => RefOf(_target);

    private BranchPush Push => new(_target, _git, Folder);

    /// <param name="target">The branch.</param>
    /// <param name="git">With the access that the target names.</param>
    /// <param name="scratch">Folder for such copies; what dead processes have left in it is removed.</param>
    public static BranchCopy Open(Target.Git target, GitProgram git, string scratch)
    {
        try
        {
            return new BranchCopy(target, git, ScratchSeat.Take(scratch));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GitProblems.CacheRefused(scratch, e);
        }
    }

    public static async Task<GitAccess> AccessOfAsync(
        Target.Git target,
        SecretReader secrets,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            User = target.User,
            Password = target.Password is { } password ? await secrets.ReadAsync(password, cancellationToken) : null,
            SshKey = target.SshKey,
            KnownHosts = target.KnownHosts,
        };

    /// <inheritdoc cref="AskAsync(Target.Git, IEnumerable{string}, GitProgram, CancellationToken)"/>
    public Task<string> AskAsync(IEnumerable<string> tags, CancellationToken cancellationToken) =>
        AskAsync(_target, tags, _git, cancellationToken);

    /// <summary>Asks whether the repository has the branch, and some tags.</summary>
    /// <returns>Id of the newest commit of the branch.</returns>
    /// <exception cref="ResurgamException"><c>git-*</c></exception>
    public static async Task<string> AskAsync(
        Target.Git target,
        IEnumerable<string> tags,
        GitProgram git,
        CancellationToken cancellationToken
    )
    {
        var (refs, _) = await git.ListRemoteAsync(target.Address, cancellationToken);
        if (tags.FirstOrDefault(tag => refs.Find(tag) is null) is { } absent)
            throw ChangeProblems.NoCommit(target, absent);
        return refs.Find(RefOf(target)) ?? throw ChangeProblems.NoBranch(target);
    }

    /// <summary>Brings the branch, and some tags, here as they are now.</summary>
    /// <returns>Id of the newest commit.</returns>
    public async Task<string> FetchAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var seen = await AskAsync(tags, cancellationToken);
        if (!Directory.Exists(Folder))
            await _git.RunAsync(
                [
                    "init",
                    "--bare",
                    "--quiet",
                    "--template=",
                    $"--object-format={(seen.Length == 64 ? "sha256" : "sha1")}",
                    Folder,
                ],
                new GitCall { Marked = Folder },
                cancellationToken
            );
        await _git.RunAsync(
            [
                "fetch",
                "--quiet",
                "--force",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-auto-maintenance",
                "--no-recurse-submodules",
                "--update-shallow",
                "--",
                _target.Address.Text,
                $"+{Ref}:{Tip}",
                .. tags.Select(tag => $"+{tag}:{Own}{tag["refs/".Length..]}"),
            ],
            Remote,
            cancellationToken
        );
        return await FindAsync(Tip, cancellationToken) ?? throw ChangeProblems.NoBranch(_target);
    }

    /// <param name="revision">An id or its beginning, a tag that was fetched, or one of their parents.</param>
    /// <returns>The id of the commit; null when there is none, or more than one.</returns>
    public async Task<string?> FindAsync(string revision, CancellationToken cancellationToken)
    {
        var name = Core.Git.GitSpan.IsTag(revision) ? $"{Own}{revision}" : revision;
        var result = await _git.TryRunAsync(
            ["rev-parse", "--verify", "--quiet", $"{name}^{{commit}}"],
            Local,
            cancellationToken
        );
        return result.ExitCode == 0 ? result.OutputText.Trim() : null;
    }

    /// <inheritdoc cref="BranchPush.IsAncestorAsync"/>
    public Task<bool> IsAncestorAsync(string old, string now, CancellationToken cancellationToken) =>
        Push.IsAncestorAsync(old, now, cancellationToken);

    /// <summary>The newest commit that has a trailer; text that only looks so inside of a message does not count.</summary>
    /// <param name="since">Commits that this one knows are not looked at; null: all are.</param>
    public async Task<string?> FindByTrailerAsync(
        string key,
        string value,
        string? since,
        CancellationToken cancellationToken
    )
    {
        var known = since is null ? null : await FindAsync(since, cancellationToken);
        var result = await _git.RunAsync(
            [
                "log",
                "--no-show-signature",
                "--no-color",
                "--fixed-strings",
                $"--grep={key}: {value}",
                $"--format=%H %(trailers:key={key},valueonly,separator=%x20)",
                Tip,
                .. known is null ? [] : new[] { $"^{known}" },
                "--",
            ],
            Local,
            cancellationToken
        );
        return result
            .OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .FirstOrDefault(words => words.Skip(1).Contains(value))
            ?[0];
    }

    /// <summary>The first line of a commit's message.</summary>
    public async Task<string> SubjectOfAsync(string commit, CancellationToken cancellationToken) =>
        (await LinesAsync(["log", "--no-show-signature", "-1", "--format=%s", commit, "--"], cancellationToken))
            is [var line, ..]
            ? line
            : "";

    /// <summary>Id and first line of the newest commits after one and up to another.</summary>
    public Task<IReadOnlyList<string>> ListAsync(
        string after,
        string until,
        int most,
        CancellationToken cancellationToken
    ) =>
        LinesAsync(
            [
                "log",
                "--no-show-signature",
                string.Create(CultureInfo.InvariantCulture, $"--max-count={most}"),
                "--format=%h %s",
                $"{after}..{until}",
                "--",
            ],
            cancellationToken
        );

    /// <summary>What a commit's files would be without the changes between two others.</summary>
    /// <returns>Id of the tree.</returns>
    /// <exception cref="ResurgamException"><c>git-conflict</c></exception>
    /// <remarks>
    /// The merge of three trees. Git before 2.40 takes no base of ours, so that three commits are made which have it.
    /// </remarks>
    public async Task<string> TreeWithoutAsync(
        string tip,
        string after,
        string until,
        CancellationToken cancellationToken
    )
    {
        var at = DateTimeOffset.UnixEpoch;
        var start = await MakeAsync(await TreeOfAsync(until, cancellationToken), null, "base", at, cancellationToken);
        var ours = await MakeAsync(await TreeOfAsync(tip, cancellationToken), start, "ours", at, cancellationToken);
        var theirs = await MakeAsync(
            await TreeOfAsync(after, cancellationToken),
            start,
            "theirs",
            at,
            cancellationToken
        );
        var result = await _git.TryRunAsync(
            ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs],
            Local,
            cancellationToken
        );
        var words = Encoding.Latin1.GetString(result.Output.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return result.ExitCode switch
        {
            0 when words.Length > 0 => words[0],
            1 when words.Length > 1 => throw ChangeProblems.Conflict(
                _target,
                [.. words.Skip(1).Distinct().Select(Shown)]
            ),
            _ when result.Error.Contains("usage:", StringComparison.Ordinal) => throw ChangeProblems.TooOld(),
            _ => throw GitProblems.From(Local.Where("merge-tree"), result.Error),
        };
    }

    public async Task<string> TreeOfAsync(string commit, CancellationToken cancellationToken) =>
        (
            await _git.RunAsync(["rev-parse", "--verify", $"{commit}^{{tree}}"], Local, cancellationToken)
        ).OutputText.Trim();

    /// <summary>Names of the files in which two trees differ.</summary>
    public async Task<IReadOnlyList<string>> FilesBetweenAsync(
        string before,
        string now,
        CancellationToken cancellationToken
    )
    {
        var result = await _git.RunAsync(
            ["diff-tree", "-r", "-z", "--name-only", "--no-renames", before, now],
            Local,
            cancellationToken
        );
        var names = Encoding.Latin1.GetString(result.Output.Span);
        return [.. names.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(Shown)];
    }

    /// <returns>Id of the new commit, which nobody has yet.</returns>
    public async Task<string> MakeAsync(
        string tree,
        string? parent,
        string message,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var who = string.Create(CultureInfo.InvariantCulture, $"{_target.Author} {at.ToUnixTimeSeconds()} +0000");
        var before = parent is null ? "" : $"parent {parent}\n";
        var text = $"tree {tree}\n{before}author {who}\ncommitter {who}\n\n{message}\n";
        var result = await _git.RunAsync(
            ["hash-object", "-t", "commit", "-w", "--stdin"],
            Local with
            {
                Input = Encoding.UTF8.GetBytes(text),
            },
            cancellationToken
        );
        return result.OutputText.Trim();
    }

    /// <inheritdoc cref="BranchPush.TryPushAsync"/>
    public Task<ResurgamException?> TryPushAsync(string expected, string commit, CancellationToken cancellationToken) =>
        Push.TryPushAsync(expected, commit, kept: null, cancellationToken);

    public void Dispose() => _seat.Dispose();

    private static string RefOf(Target.Git target) => $"refs/heads/{target.Branch}";

    private static string Shown(string bytes) =>
        FileNames.ToPrintable(FileNames.Decode(Encoding.Latin1.GetBytes(bytes)));

    private async Task<IReadOnlyList<string>> LinesAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken
    ) =>
        (await _git.RunAsync(arguments, Local, cancellationToken)).OutputText.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
}
