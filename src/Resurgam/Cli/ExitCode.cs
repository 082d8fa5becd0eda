using Resurgam.Core.Problems;

namespace Resurgam.Cli;

/// <summary>What the program ends with. One table: docs/exit-codes.md is its copy, and a test compares them.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Bug = 1;
    public const int Usage = 2;
    public const int Plan = 3;
    public const int Secret = 4;
    public const int Fix = 10;
    public const int VaultDamaged = 20;
    public const int VerificationFailed = 21;
    public const int Refused = 22;
    public const int SourceFlawed = 23;
    public const int AtRisk = 24;
    public const int RestoreIncomplete = 25;
    public const int Retry = 30;
    public const int RunWaits = 40;
    public const int RunNotCompleted = 41;
    public const int Interrupted = 130;
    public const int Terminated = 143;

    /// <summary>Of <c>wal fetch</c>: PostgreSQL takes 1 to 125 for "there is no such file", and ends recovery there; more stops the server.</summary>
    public const int FetchFailed = 200;

    /// <summary>
    /// Every row: the number, when it is given, what a script or a person does, and the problem codes that lead to it
    /// (<c>*</c> at either end stands for anything). The first row that fits counts; a code in no row goes by its remedy.
    /// </summary>
    public static readonly IReadOnlyList<ExitCodeRow> Table =
    [
        new(
            Success,
            "done, and nothing was found wrong; of 'plan check': findings that are warnings at most",
            "go on",
            []
        ),
        new(
            Bug,
            "a bug of resurgam; of 'wal fetch', which never tells a bug so: there is surely no such WAL file",
            "report it with the output of the same command with --verbose",
            ["bug", "vault-node-refused"]
        ),
        new(Usage, "the command line is wrong", "read 'resurgam COMMAND --help'", ["usage"]),
        new(
            Plan,
            "the plan file is missing, unreadable or wrong, or 'plan check' has a finding that is an error",
            "run 'resurgam plan check'",
            ["plan-*"]
        ),
        new(
            Secret,
            "a secret cannot be read or does not fit",
            "check 'vault.secret' of the plan",
            ["secret-*", "vault-wrong-secret"]
        ),
        new(
            Fix,
            "something outside of resurgam has to change first",
            "read the hint",
            ["store-refused", "github-refused", "postgres-incremental-refused"]
        ),
        new(
            VaultDamaged,
            "the vault holds damaged or missing data; of 'runs list': a run among them is damaged, and the others are listed",
            "run 'resurgam vault check --read-data' and recover from a replica",
            ["*-damaged", "vault-missing", "vault-format", "wal-gap", "wal-bad-history"]
        ),
        new(
            VerificationFailed,
            "a restored copy did not pass its verification",
            "read the failed checks: the copy must not be relied on",
            ["verification-*"]
        ),
        new(
            Refused,
            "refused, because it would destroy something",
            "read the hint: it says what to move or which option says that you mean it",
            ["*-refused", "vault-exists", "vault-elsewhere", "wal-conflict"]
        ),
        new(
            SourceFlawed,
            "the snapshot was taken, but something of the source could not be captured, or is damaged itself",
            "read the findings: mend the source or its permissions, then take the snapshot again",
            []
        ),
        new(
            AtRisk,
            "'resurgam status' has a finding that is a risk: an asset may not come back as it should",
            "read the findings: each says what to run",
            []
        ),
        new(
            RestoreIncomplete,
            "the restore is done but for some objects that are in conflict or were refused; of a dry run: it would be",
            "read which and why: take what others own with --force-conflicts, mend the rest, then run it again",
            []
        ),
        new(Retry, "something could not be reached or was busy", "try again later; nothing was lost", []),
        new(
            RunWaits,
            "the run goes on when a person has decided something",
            "read what it waits for: 'resurgam runs show RUN'",
            []
        ),
        new(
            RunNotCompleted,
            "the run was aborted, the drill failed, or 'demo --scenario' missed an objective",
            "read why: 'resurgam runs show RUN'",
            []
        ),
        new(
            Interrupted,
            "stopped by Ctrl-C (SIGINT), after cleaning up",
            "run it again: it resumes or starts anew",
            []
        ),
        new(Terminated, "stopped by SIGTERM, after cleaning up", "run it again: it resumes or starts anew", []),
        new(
            FetchFailed,
            "'wal fetch' failed, whatever the problem's code: PostgreSQL would take 1 to 125 for the end of the WAL",
            "read the server's log: mend what is said there, and start the server again",
            []
        ),
    ];

    public static int Of(Problem problem)
    {
        if (Table.FirstOrDefault(row => row.Codes.Any(pattern => Fits(pattern, problem.Code))) is { } row)
            return row.Number;
        return problem.Remedy switch
        {
            Remedy.Retry => Retry,
            Remedy.Fix => Fix,
            Remedy.Report => Bug,
        };
    }

    private static bool Fits(string pattern, string code) =>
        pattern.StartsWith('*') ? code.EndsWith(pattern[1..], StringComparison.Ordinal)
        : pattern.EndsWith('*') ? code.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : code == pattern;
}

/// <param name="When">In words, for docs/exit-codes.md.</param>
/// <param name="ThenWhat">What to do about it.</param>
/// <param name="Codes">Problem codes that lead here.</param>
internal sealed record ExitCodeRow(int Number, string When, string ThenWhat, IReadOnlyList<string> Codes);
