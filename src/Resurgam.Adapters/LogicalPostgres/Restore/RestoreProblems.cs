using Resurgam.Core.Problems;

namespace Resurgam.Adapters.LogicalPostgres.Restore;

internal static class RestoreProblems
{
    public static ResurgamException NoDatabase(string database, string snapshot, IEnumerable<string> there) =>
        Of(
            "postgres-no-database",
            $"snapshot {snapshot} has no database {database}",
            $"Name one of: {string.Join(", ", there)}."
        );

    public static ResurgamException NotOurs(string database) =>
        Of(
            "target-in-the-way-refused",
            $"the server has a database {database} that we did not make, and that name is needed",
            $"Look at it; rename it ('alter database \"{database}\" rename to …') and run the same command again. Nothing was changed."
        );

    public static ResurgamException Unproven(string database, IEnumerable<string> wrong) =>
        Of(
            "restore-unproven",
            $"{database} was loaded and is not as it was captured: {string.Join("; ", wrong)}",
            "Nothing was swapped, and the database that is in use is as it was. Restore another snapshot ('resurgam snapshots'), or look at the copy."
        );

    public static ResurgamException InUse(string databases, int attempts) =>
        new(
            new Problem(
                "postgres-database-in-use",
                Remedy.Retry,
                $"{databases} could not be swapped: new sessions came {attempts} times as soon as the old ones were ended",
                "Stop what connects again (a pooler, a job), and run the same command again: the proven copy is still beside it."
            )
        );

    public static ResurgamException MayNotEnd(string databases) =>
        Of(
            "postgres-database-in-use",
            $"{databases} could not be swapped: there are sessions that this role may not end",
            "End them, or connect with --to 'server:CONNECTION' as a role that may (an administrator, or 'grant pg_signal_backend to ROLE'); the proven copy is still beside it, and nothing was renamed."
        );

    public static ResurgamException UnfinishedInUse(string database) =>
        Of(
            "postgres-database-in-use",
            $"{database} is an unfinished copy that has to be made again, and somebody else is in it",
            "End those sessions ('select pid, usename from pg_stat_activity' shows them) and run the same command again. Nothing else was changed."
        );

    public static ResurgamException Busy(string database) =>
        new(
            new Problem(
                "postgres-database-in-use",
                Remedy.Retry,
                $"another restore works on {database}",
                "Wait for it to end; 'pgrep -af resurgam' shows it, on this machine or on another."
            )
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
