using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Restores;

internal static class RestoreFlowProblems
{
    public static ResurgamException NoSnapshotBefore(string asset, string target) =>
        new(
            new Problem(
                "recovery-point-absent",
                Remedy.Fix,
                $"no snapshot of {asset} ends before {target}",
                $"'resurgam snapshots {asset}' lists them; the earliest recovery point is the end of the oldest one."
            )
        );

    public static ResurgamException SnapshotBehind(string snapshot, PostgresRecord record, string target) =>
        new(
            new Problem(
                "recovery-point-absent",
                Remedy.Fix,
                $"snapshot {snapshot} ends at {record.Stop}, {Cli.CliJson.ToText(record.StoppedAt)}, and not before {target}",
                $"Name the asset, '{record.Asset}', instead of the snapshot: the newest one that ends before is taken then. 'resurgam snapshots {record.Asset}' lists them."
            )
        );

    public static ResurgamException NoSnapshotOf(string asset, string target) =>
        new(
            new Problem(
                "recovery-point-absent",
                Remedy.Fix,
                $"no snapshot of {asset} was taken at {target} or before",
                $"'resurgam snapshots {asset}' lists them; the oldest one is the earliest recovery point."
            )
        );

    public static ResurgamException NotForSnapshots(string asset, string target) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{target}' is no recovery point of {asset}, which has no log",
                "Write latest, consistent (the same) or a time (2026-11-23T14:05:00Z): then its newest snapshot of that time or before is taken."
            )
        );

    public static ResurgamException Needed(string target, string why) =>
        new(
            new Problem(
                "target-needed-refused",
                Remedy.Fix,
                $"{target} {why}: what is there would be written over or deleted",
                "Name another folder."
            )
        );

    public static ResurgamException NoTarget() =>
        new(new Problem("usage", Remedy.Fix, "--to is empty", "Name a folder; '--to .' is the working folder."));

    public static ResurgamException NoStreamTo(string asset, string target, DateTimeOffset? reachesTo) =>
        new(
            new Problem(
                "recovery-point-absent",
                Remedy.Fix,
                reachesTo is { } end
                    ? $"the stream of {asset} reaches to {Cli.CliJson.ToText(end)}, and not to {target}"
                    : $"the vault has no stream of {asset} from its last snapshot before {target} on",
                $"'resurgam wal status {asset}' tells the times that can be reached; --at latest takes all that there is, --at consistent the snapshot alone."
            )
        );

    public static ResurgamException NotForRedis(string target) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{target}' is no recovery point of a Redis server",
                "Write latest, consistent (the snapshot alone) or a time (2026-11-23T14:05:00Z)."
            )
        );

    public static ResurgamException Revoked(string asset, DateTimeOffset point, Core.Ledgers.Revocation revocation) =>
        new(
            new Problem(
                "sessions-revoked-refused",
                Remedy.Fix,
                $"everything in {asset} before {Cli.CliJson.ToText(revocation.Before)} was revoked ({revocation.Reason}), and this is {Cli.CliJson.ToText(point)}",
                "Restored sessions would let people in that were locked out: set 'start-empty: true' in the plan, choose a later --at, or, when you know what you do, add --revoked."
            )
        );

    public static ResurgamException BadTarget(string text) =>
        new(new Problem("usage", Remedy.Fix, $"'{text}' is no recovery point", $"Write {RecoveryTarget.Forms}."));

    public static ResurgamException BadTablespace(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' is no tablespace of this snapshot with a new folder",
                "Write OID=/absolute/folder or /old/folder=/new/folder; 'resurgam cat SNAPSHOT resurgam/snapshot.json' lists them."
            )
        );

    public static ResurgamException SettingWithoutStart() =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                "--set is for the server that --start starts, and nothing is to be started",
                "Add --start, or leave --set out."
            )
        );

    public static ResurgamException BadSetting(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' is no setting",
                "Write --set NAME=VALUE, for example --set port=5433."
            )
        );

    public static ResurgamException NoUser(string name) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"there is no user {name} on this machine",
                "Name a user of /etc/passwd with --owner."
            )
        );

    public static ResurgamException NoFolder(string target) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{target} is no folder, and only Git repositories are pushed to an address",
                "Name a folder with --to."
            )
        );

    public static ResurgamException NotForClusters(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is not for the objects of a Kubernetes cluster",
                "Leave it out; --only chooses objects, and '--to FOLDER' brings them back as files."
            )
        );

    public static ResurgamException NoServer(string target) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{target} is a PostgreSQL server, and this snapshot is of no dumped databases",
                "Name a folder with --to; 'resurgam snapshots' shows each snapshot's kind."
            )
        );

    public static ResurgamException NoServerInPlan(string wanted) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"the plan does not say where the server of {wanted} is",
                "Write it behind the colon: --to 'server:host=db.example.net user=admin'."
            )
        );

    public static ResurgamException OnlyForServers(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is for a restore onto a PostgreSQL server",
                "Write '--to server:' for the server of the plan, or '--to server:CONNECTION' for another one; or leave the option out."
            )
        );

    public static ResurgamException NoCluster(string target) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{target} is a Kubernetes cluster, and this snapshot is of none",
                "Name a folder with --to; 'resurgam snapshots' shows each snapshot's kind."
            )
        );

    public static ResurgamException OnlyForClusters(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is for a restore into a Kubernetes cluster",
                "Write '--to cluster:' for the cluster of the plan, or '--to cluster:CONTEXT' for another one; or leave the option out."
            )
        );

    public static ResurgamException BadSelector(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' chooses no objects",
                "Write KIND, KIND/NAME or NAMESPACE/KIND/NAME, for example --only 'shop/Deployment/*'."
            )
        );

    public static ResurgamException BadNamespaceMap(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' is no pair of namespaces",
                "Write OLD=NEW, for example --map-namespace shop=shop-test."
            )
        );

    public static ResurgamException NotForFiles(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is for PostgreSQL clusters, and this snapshot is none",
                "Leave it out; 'resurgam snapshots' shows each snapshot's kind."
            )
        );
}
