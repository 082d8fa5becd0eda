using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Core.Vaults;

public static class VaultProblems
{
    public static ResurgamException WrongSecret(string store) =>
        new(
            new Problem(
                "vault-wrong-secret",
                Remedy.Fix,
                $"the secret does not open the vault at {store}",
                "Check where 'vault.secret' of the plan points; 'resurgam vault info' shows the vault's id and keys without a secret."
            )
        );

    public const string AbsentCode = "vault-absent";

    public static ResurgamException NoVault(string store) =>
        new(
            new Problem(
                AbsentCode,
                Remedy.Fix,
                $"there is no vault at {store}",
                "Check 'vault.store' of the plan and that the store is mounted; 'resurgam vault create' makes a new vault."
            )
        );

    public static ResurgamException Exists(string store) =>
        new(
            new Problem(
                "vault-exists",
                Remedy.Fix,
                $"there is a vault at {store} already",
                "Use it ('resurgam vault info'), or name another folder as 'vault.store'; a vault is never overwritten."
            )
        );

    public static ResurgamException NewerFormat(string store, int version) =>
        new(
            new Problem(
                "vault-newer",
                Remedy.Fix,
                $"the vault at {store} has format {version}, which this program does not know",
                "Use the newest resurgam for this vault; 'resurgam --version' shows yours."
            )
        );

    public const string DamagedCode = "vault-damaged";

    public const string MissingCode = "vault-missing";

    public static ResurgamException Damaged(string key, string how) =>
        new(
            new Problem(
                DamagedCode,
                Remedy.Fix,
                $"{key} is damaged: {how}",
                "Run 'resurgam vault heal' when the plan has a replica: it brings the whole copy back. 'resurgam vault check --read-data' shows all that is hurt; everything else still restores."
            )
        );

    public static ResurgamException Missing(string key) =>
        new(
            new Problem(
                MissingCode,
                Remedy.Fix,
                $"{key} is missing from the store",
                "Run 'resurgam vault check' to see what it belongs to, and bring it back with 'resurgam vault heal' when the plan has a replica."
            )
        );

    public static ResurgamException BlobMissing(string repository, BlobId id) =>
        new(
            new Problem(
                MissingCode,
                Remedy.Fix,
                $"blob {id.Hex} is in no pack of {repository}",
                "Run 'resurgam vault heal' when the plan has a replica; 'resurgam vault check' shows which snapshots it belongs to, and an older or newer one may be whole."
            )
        );

    public static ResurgamException Locked(string repository, string holder) =>
        new(
            new Problem(
                "vault-locked",
                Remedy.Retry,
                $"{repository} is locked exclusively by {holder}",
                "Somebody runs 'restic prune' or 'restic rebuild-index' there; wait for it, or remove its lock with 'restic unlock' when that process is dead."
            )
        );

    public static ResurgamException ReadOnlyRepository(string store) =>
        new(
            new Problem(
                "vault-foreign",
                Remedy.Fix,
                $"{store} is a restic repository and not a vault, so it is only read",
                "Name a folder of its own as 'vault.store' and run 'resurgam vault create'."
            )
        );

    public static ResurgamException NoSnapshot(string wanted, string where) =>
        new(
            new Problem(
                "snapshot-absent",
                Remedy.Fix,
                $"no snapshot {wanted} in {where}",
                "'resurgam snapshots' lists what there is."
            )
        );

    /// <summary>It is there, and not as it was written.</summary>
    public static ResurgamException Unread(string key) => Damaged(key, "the snapshot cannot be read");

    /// <param name="taken">What is taken instead.</param>
    /// <param name="damaged">The newer one.</param>
    /// <param name="asset">Whose it is, as the ledger tells; null when nobody knows.</param>
    /// <param name="at">When it was taken, or stored.</param>
    public static Problem Older(SnapshotEntry taken, BlobId damaged, string? asset, DateTimeOffset at) =>
        new(
            "snapshot-older",
            Remedy.Fix,
            $"snapshot {damaged.Short}{(asset is null ? ", of whatever asset," : "")} of {at:yyyy-MM-dd HH:mm:ss}Z is damaged: the older one {taken.Id.Short} of {taken.TakenAt:yyyy-MM-dd HH:mm:ss}Z is taken instead, and what came between is not in it",
            "Run 'resurgam vault heal' when another place has the damaged one, then the same command again."
        );

    public static ResurgamException AmbiguousSnapshot(string wanted, int count) =>
        new(
            new Problem(
                "snapshot-ambiguous",
                Remedy.Fix,
                $"{count} snapshots start with {wanted}",
                "Give more digits of the id; 'resurgam snapshots --output json' shows all of them."
            )
        );

    public static ResurgamException NoPath(string path, string snapshot) =>
        new(
            new Problem(
                "snapshot-no-path",
                Remedy.Fix,
                $"there is no {path} in snapshot {snapshot}",
                $"'resurgam ls {snapshot}' lists what there is."
            )
        );
}
