using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Git.Change;

/// <summary>Brings a branch of a server to commits of a repository of this machine, from where it was seen to be.</summary>
/// <param name="target">The branch.</param>
/// <param name="git">With the access that the target names.</param>
/// <param name="folder">A bare repository. Its refs are not changed.</param>
internal sealed class BranchPush(Target.Git target, GitProgram git, string folder)
{
    private GitCall Local => new() { Mirror = folder };

    private GitCall Remote => new() { Mirror = folder, Address = target.Address };

    private string Ref => $"refs/heads/{target.Branch}";

    /// <returns>Where the server's branch is; null: there is none.</returns>
    /// <exception cref="ResurgamException"><c>git-*</c></exception>
    public Task<string?> FindTipAsync(CancellationToken cancellationToken) => FindTipAsync(Ref, cancellationToken);

    /// <returns>Where a ref of the server is; null: there is none.</returns>
    /// <exception cref="ResurgamException"><c>git-*</c></exception>
    public async Task<string?> FindTipAsync(string name, CancellationToken cancellationToken)
    {
        var (refs, _) = await git.ListRemoteAsync(target.Address, cancellationToken);
        return refs.Find(name);
    }

    /// <param name="revision">An id or its beginning, or a tag; null: the branch of the same name.</param>
    /// <returns>The id of the folder's commit; null when there is none, or more than one.</returns>
    public async Task<string?> FindAsync(string? revision, CancellationToken cancellationToken)
    {
        var name =
            revision is null ? Ref
            : GitSpan.IsTag(revision) ? $"refs/{revision}"
            : revision;
        var result = await git.TryRunAsync(
            ["rev-parse", "--verify", "--quiet", $"{name}^{{commit}}"],
            Local,
            cancellationToken
        );
        if (result.ExitCode != 0)
            return null;
        var id = result.OutputText.Trim();
        // Git takes the beginning of an id for a tag or a branch that is called so.
        var isOther =
            revision is not null
            && !GitSpan.IsTag(revision)
            && !id.StartsWith(revision, StringComparison.OrdinalIgnoreCase);
        return isOther ? null : id;
    }

    /// <returns>False, too, when the folder does not know the older one.</returns>
    public async Task<bool> IsAncestorAsync(string old, string now, CancellationToken cancellationToken)
    {
        var result = await git.TryRunAsync(["merge-base", "--is-ancestor", old, now], Local, cancellationToken);
        return result.ExitCode == 0;
    }

    /// <summary>Brings the commits of a ref of the server into the folder, where no ref leads to them.</summary>
    /// <param name="name">Null: of the branch.</param>
    public Task FetchAsync(string? name, CancellationToken cancellationToken) =>
        git.RunAsync(
            [
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-auto-maintenance",
                "--no-recurse-submodules",
                "--",
                target.Address.Text,
                name ?? Ref,
            ],
            Remote,
            cancellationToken
        );

    /// <summary>Pushes, if the branch is still where it was; the server compares, too.</summary>
    /// <remarks>
    /// To git a lease that holds is a force, whatever the refspec says, and a push without one goes onto an older commit that
    /// others have set the branch back to: whether it goes on has to be asked before.
    /// </remarks>
    /// <param name="old">Null: there must be no such branch.</param>
    /// <param name="now">Null: the branch goes.</param>
    /// <param name="kept">Another ref, which is made of <paramref name="old"/> at the same moment. Null: none.</param>
    /// <returns>
    /// Null when it was taken; else why not, as far as anybody can tell: a line that broke may have broken behind the effect.
    /// </returns>
    public async Task<ResurgamException?> TryPushAsync(
        string? old,
        string? now,
        string? kept,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> words =
        [
            "push",
            "--porcelain",
            "--quiet",
            "--no-verify",
            "--no-follow-tags",
            "--no-signed",
            "--recurse-submodules=no",
            .. kept is null ? [] : new[] { "--atomic" },
            $"--force-with-lease={Ref}:{old}",
            "--",
            target.Address.Text,
            $"{now}:{Ref}",
            .. kept is null ? [] : new[] { $"{old}:{kept}" },
        ];
        try
        {
            var result = await git.TryRunAsync(words, Remote, cancellationToken);
            if (result.ExitCode == 0)
                return null;
            var refused = result
                .OutputText.Split('\n')
                .Where(line => line.StartsWith('!'))
                .Concat(result.Error.Split('\n').Where(line => line.StartsWith("remote: ", StringComparison.Ordinal)))
                .Select(line => string.Concat(line.Replace('\t', ' ').Trim('!', ' ').Where(c => !char.IsControl(c))))
                .ToList();
            return refused.Count == 0
                ? GitProblems.From(target.Address.Text, result.Error)
                : ChangeProblems.Rejected(target, string.Join("; ", refused.Take(5)));
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            return e;
        }
    }
}
