using System.Globalization;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Capture;

internal static class CaptureProblems
{
    public static ResurgamException NoDataDirectory(string asset, string dataDirectory) =>
        new(
            new Problem(
                "postgres-no-data-directory",
                Remedy.Fix,
                $"asset {asset}: there is no PostgreSQL data directory at {dataDirectory}",
                "Correct 'data-directory' in the plan ('show data_directory' tells it), or leave it out to read by the replication protocol."
            )
        );

    public static ResurgamException OtherCluster(string asset, string dataDirectory, ulong onDisk, ulong served) =>
        new(
            new Problem(
                "postgres-other-cluster",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"asset {asset}: {dataDirectory} is cluster {onDisk}, but the server at its connection runs cluster {served}"
                ),
                "Make 'connection' and 'data-directory' of the plan name the same cluster."
            )
        );

    /// <summary>One asset is one cluster: a mix of two would be found out on the night that it is restored.</summary>
    public static ResurgamException ForeignCluster(PostgresRecord last, ulong served) =>
        new(
            new Problem(
                "postgres-foreign-cluster",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"asset {last.Asset}: its last snapshot is of cluster {last.SystemIdentifier}, but its connection leads to cluster {served}"
                ),
                "Correct 'connection'. A cluster that took its place on purpose (initdb, pg_upgrade) gets an asset name of its own in the plan."
            )
        );

    public static ResurgamException Unreadable(string path, Exception cause) =>
        new(
            new Problem(
                "postgres-unreadable",
                Remedy.Fix,
                $"{path} cannot be read: {cause.Message}",
                "Run as the user that owns the data directory (usually postgres) or as root; a disk error shows in 'dmesg'."
            ),
            cause
        );

    public static ResurgamException WalRemoved(string asset, string segment) =>
        new(
            new Problem(
                "postgres-wal-removed",
                Remedy.Retry,
                $"asset {asset}: WAL segment {segment} was removed by the server before the backup had copied it",
                "Raise wal_keep_size, or max_slot_wal_keep_size when it is set: not even the backup's own slot keeps more; then take the backup again."
            )
        );

    public static ResurgamException Garbled(string asset, string what) =>
        new(
            new Problem(
                "postgres-backup-garbled",
                Remedy.Retry,
                $"asset {asset}: the base backup is not what the server's manifest says: {what}",
                "Take the backup again; when it happens again, suspect memory or network hardware: 'edac-util', 'ethtool -S'."
            )
        );

    public static ResurgamException ParentIncomplete(string asset, string path) =>
        new(
            new Problem(
                "postgres-parent-incomplete",
                Remedy.Fix,
                $"asset {asset}: the parent snapshot does not hold {path} as its manifest says",
                "Run 'resurgam vault check'; until the vault is repaired, set summarize_wal = off to get backups that need no parent."
            )
        );

    public static ResurgamException EndedEarly(string asset, Lsn start, Lsn stop) =>
        new(
            new Problem(
                "postgres-backup-interrupted",
                Remedy.Retry,
                $"asset {asset}: the server ended the backup at {stop}, before its start at {start}",
                "The server was promoted or restored meanwhile; take the backup again."
            )
        );

    public static ResurgamException TooOld(string asset, int version) =>
        new(
            new Problem(
                "postgres-version",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"asset {asset}: PostgreSQL {version / 10000} is not supported"
                ),
                "Versions 14 to 18 are; upgrade the server."
            )
        );
}
