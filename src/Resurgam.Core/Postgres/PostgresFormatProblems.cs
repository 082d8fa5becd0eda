using Resurgam.Core.Problems;

namespace Resurgam.Core.Postgres;

public static class PostgresFormatProblems
{
    public static ResurgamException BadManifest(Exception cause) =>
        new(
            new Problem(
                "postgres-bad-manifest",
                Remedy.Fix,
                $"a backup_manifest cannot be read: {cause.Message}",
                "Run 'resurgam vault check --read-data'; take a new backup, which writes a new manifest."
            ),
            cause
        );

    public static ResurgamException BadBackup(string what) =>
        new(
            new Problem(
                "postgres-bad-backup",
                Remedy.Report,
                $"what the server sent is no base backup: {what}",
                "Take the backup again; when it happens again, report it with the server's version and build options."
            )
        );

    public static ResurgamException NoRecord(string snapshot) =>
        new(
            new Problem(
                "postgres-no-record",
                Remedy.Fix,
                $"snapshot {snapshot} has no resurgam/snapshot.json of a PostgreSQL cluster",
                "'resurgam snapshots' shows each snapshot's kind; name one with kind postgres."
            )
        );

    public static ResurgamException NoLogicalRecord(string snapshot) =>
        new(
            new Problem(
                "postgres-no-record",
                Remedy.Fix,
                $"snapshot {snapshot} has no resurgam/snapshot.json of dumped databases",
                "'resurgam snapshots' shows each snapshot's kind; name one with kind postgres-logical."
            )
        );
}
