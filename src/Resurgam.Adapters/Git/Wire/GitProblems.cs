using Resurgam.Adapters.Stores;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Wire;

/// <summary>Everything that git may tell us, and what to do about it.</summary>
internal static class GitProblems
{
    private static readonly (string[] Words, string Code, Remedy Remedy, string Hint)[] Known =
    [
        (
            ["repository corruption", "missing blob", "missing tree", "bad object", "unable to read tree"],
            "git-source-broken",
            Remedy.Fix,
            "Run 'git fsck --full' where the repository lives; 'resurgam restore' brings an earlier snapshot of it back."
        ),
        (
            [
                "Authentication failed",
                "could not read Username",
                "could not read Password",
                "terminal prompts disabled",
                "Permission denied",
                "Access denied",
                "error: 401",
                "error: 403",
                "HTTP 401",
                "HTTP 403",
            ],
            "git-auth-failed",
            Remedy.Fix,
            "Check 'user' and 'password' of the asset (HTTPS: a token's owner and the token), or 'ssh-key'; nothing here can answer a question of git's."
        ),
        (
            ["Host key verification failed"],
            "git-host-key",
            Remedy.Fix,
            "Compare the host's key with what its owner says, then add it: 'ssh-keyscan HOST >> FILE', with the file as 'known-hosts' of the asset."
        ),
        (
            ["dubious ownership"],
            "git-ownership",
            Remedy.Fix,
            "The repository belongs to another user. Allow it to this one: 'git config --global --add safe.directory PATH'."
        ),
        (
            ["No space left on device", "Disk quota exceeded"],
            "git-disk-full",
            Remedy.Fix,
            "Free space in the state folder: mirrors are kept there, below 'git'; deleting them loses nothing but the time to fetch them again."
        ),
        (
            ["transport '", "not allowed", "is not a supported transport"],
            "git-failed",
            Remedy.Fix,
            "Run 'git ls-remote ADDRESS' as the same user; its own words say what it lacks."
        ),
        (
            [
                "Repository not found",
                "repository not found",
                "does not appear to be a git repository",
                "not found: did you run git update-server-info",
                "' not found",
                "no such repository",
                "repository not exported",
                "access denied or repository",
            ],
            "git-no-repository",
            Remedy.Fix,
            "Check the address: 'git ls-remote ADDRESS'. Servers say the same of what this user may not see; a repository that was deleted is still in earlier snapshots."
        ),
        (
            [
                "Could not resolve",
                "unable to connect",
                "Connection refused",
                "onnection timed out",
                "Connection reset",
                "Connection closed",
                "Failed to connect",
                "Operation timed out",
                "Operation too slow",
                "early EOF",
                "RPC failed",
                "unexpected disconnect",
                "hung up unexpectedly",
                "error: 5",
                "error: 429",
            ],
            "git-unreachable",
            Remedy.Retry,
            "Check that the server answers: 'git ls-remote ADDRESS'. The next backup fetches what is missing."
        ),
    ];

    /// <summary>From what git said on its standard error, in its own English.</summary>
    public static ResurgamException From(string where, string error)
    {
        var told = LastLines(error);
        foreach (var (words, code, remedy, hint) in Known)
            if (words.Any(word => error.Contains(word, StringComparison.Ordinal)))
                return Of(code, remedy, $"{where}: {told}", hint);
        return Of(
            "git-failed",
            Remedy.Fix,
            $"{where}: {told}",
            "Run 'git ls-remote ADDRESS' as the same user; its own words say what it lacks."
        );
    }

    public static ResurgamException Slow(string where, ResurgamException cause) =>
        new(
            new Problem(
                "git-slow",
                Remedy.Retry,
                $"{where}: {cause.Problem.What}",
                "Run it again; for a large repository on a slow line raise 'timeout' of the asset."
            ),
            cause
        );

    public static ResurgamException Garbled(string where) =>
        Of(
            "git-failed",
            Remedy.Fix,
            $"{where}: git's list of refs has an unknown form",
            "Run 'git ls-remote ADDRESS' and report what it prints."
        );

    public static ResurgamException PasswordInClear(GitAddress address) =>
        Of(
            "git-password-in-clear",
            Remedy.Fix,
            $"the password would go to {address} without encryption",
            "Name the repository by https:// or ssh://."
        );

    public static ResurgamException Busy(string folder) =>
        Of(
            "git-busy",
            Remedy.Retry,
            $"another backup of the same repositories works in {folder}",
            "Wait for it to end; 'pgrep -af resurgam' shows it."
        );

    public static ResurgamException CacheRefused(string folder, Exception cause) =>
        cause is IOException io && Errno.IsNoSpace(io)
            ? From(folder, cause.Message)
            : Of(
                "git-cache",
                Remedy.Fix,
                $"the mirrors in {folder} cannot be worked with: {cause.Message}",
                $"Check the owner and the mode of {folder}, or delete it: what it holds is fetched again."
            );

    /// <summary>The last lines that it wrote, on one line, without what is no message.</summary>
    private static string LastLines(string error)
    {
        var lines = error
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line =>
                line is not ("Please make sure you have the correct access rights" or "and the repository exists.")
            )
            .ToList();
        return lines.Count == 0
            ? "git failed without a word"
            : string.Concat(string.Join(" | ", lines.TakeLast(3)).Where(c => !char.IsControl(c)));
    }

    private static ResurgamException Of(string code, Remedy remedy, string what, string hint) =>
        new(new Problem(code, remedy, what, hint));
}
