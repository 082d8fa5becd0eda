using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Servers;

public static class ServerProblems
{
    public const string TargetNotReachedCode = "recovery-target-not-reached";

    internal static ResurgamException NoBinaries(int major, IEnumerable<string> folders) =>
        new(
            new Problem(
                "postgres-no-binaries",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"PostgreSQL {major} is not installed here (looked in {string.Join(", ", folders)})"
                ),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Install it ('apt-get install postgresql-{major}'), or name its folder as 'binaries' of the asset in the plan."
                )
            )
        );

    /// <param name="said">What the log says.</param>
    internal static ResurgamException NotStarted(string dataDirectory, string logFile, string said) =>
        new(
            new Problem(
                "postgres-not-started",
                Remedy.Fix,
                $"the server in {dataDirectory} did not come up: {said}",
                $"Read its log, {logFile}, and mend what it says there. Then run the same command again; a restore with --delta, since its files are there by now."
            )
        );

    internal static ResurgamException TargetNotReached(string dataDirectory, string lastCommit) =>
        new(
            new Problem(
                TargetNotReachedCode,
                Remedy.Fix,
                $"the WAL in the vault ended before the recovery target of {dataDirectory} came{lastCommit}",
                "Restore again with --delta and another --at: an earlier moment, the right name, or 'latest' for all that there is."
            )
        );

    internal static ResurgamException StillRecovering(string dataDirectory, TimeSpan timeout) =>
        new(
            new Problem(
                "postgres-still-recovering",
                Remedy.Retry,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the server in {dataDirectory} runs, and its recovery is not over after {timeout.TotalMinutes:0} minutes"
                ),
                "It goes on: its log tells how far it is. Nothing has to be done again."
            )
        );

    internal static ResurgamException NoServerUser(string user) =>
        new(
            new Problem(
                "postgres-no-user",
                Remedy.Fix,
                $"PostgreSQL does not run as root, and there is no user {user} to run it as",
                "Install PostgreSQL (its package makes the user), or name another one with --owner."
            )
        );
}
