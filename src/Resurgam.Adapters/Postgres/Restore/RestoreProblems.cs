using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Restore;

internal static class RestoreProblems
{
    public static ResurgamException Running(string target, int process) =>
        new(
            new Problem(
                "postgres-running-refused",
                Remedy.Fix,
                string.Create(CultureInfo.InvariantCulture, $"a server runs in {target} (process {process})"),
                $"Stop it first ('pg_ctl -D {target} stop', or the service's own command), or restore into another folder."
            )
        );

    public static ResurgamException NoFolder(string target) =>
        new(
            new Problem("target-not-empty-refused", Remedy.Fix, $"{target} is a file, and no folder", "Name a folder.")
        );

    public static ResurgamException NotEmpty(string target) =>
        new(
            new Problem(
                "target-not-empty-refused",
                Remedy.Fix,
                $"{target} is not empty",
                "Name an empty folder; or, when it holds this very cluster, add --delta: what is equal is kept, the rest is replaced."
            )
        );

    public static ResurgamException TablespaceNotEmpty(string folder, uint oid) =>
        new(
            new Problem(
                "target-not-empty-refused",
                Remedy.Fix,
                $"{folder}, the folder of tablespace {oid}, is not empty",
                $"Name an empty one with --tablespace {oid}=/new/folder; or, when it holds this very cluster's, add --delta."
            )
        );

    public static ResurgamException NotACluster(string target) =>
        new(
            new Problem(
                "target-foreign-refused",
                Remedy.Fix,
                $"{target} holds files and is no PostgreSQL data directory",
                "Name another folder; if everything in it may be deleted, add --delta --force."
            )
        );

    public static ResurgamException OtherCluster(string target, string there, string wanted) =>
        new(
            new Problem(
                "target-foreign-refused",
                Remedy.Fix,
                $"{target} is cluster {there}, and the snapshot is of cluster {wanted}",
                "Name another folder; if that cluster may be destroyed, add --delta --force."
            )
        );

    public static ResurgamException OtherRestore(string target, string asset) =>
        new(
            new Problem(
                "target-foreign-refused",
                Remedy.Fix,
                $"{target} holds an unfinished restore of asset {asset}",
                "Finish that one by running it again, or empty the folder."
            )
        );

    public static ResurgamException Damaged(string target, IReadOnlyCollection<string> damage) =>
        new(
            new Problem(
                "restore-damaged",
                Remedy.Fix,
                $"{damage.Count} files could not be restored to {target}: {string.Join("; ", damage.Take(5))}",
                "Restore from another snapshot ('resurgam snapshots'), or run 'resurgam vault heal' when the plan has a replica, and this again."
            )
        );
}
