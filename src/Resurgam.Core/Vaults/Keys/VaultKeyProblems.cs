using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Keys;

public static class VaultKeyProblems
{
    public static ResurgamException NoKey(string wanted) =>
        Fix(
            "vault-key-absent",
            $"no key of the vault, or more than one, begins with {wanted}",
            "'resurgam vault key list' shows all of them; give more digits of the id."
        );

    public static ResurgamException LastKey(string id, IReadOnlyList<string> others) =>
        Fix(
            "vault-key-last-refused",
            others.Count == 0
                ? $"key {id} is the only one: without it nobody opens the vault"
                : $"key {id} stays: of no other key ({string.Join(", ", others)}) can it be proven that it opens the vault and all generations",
            "Add another way of unlocking first ('resurgam vault key add'); adding one that exists completes it."
        );

    public static ResurgamException Kept(string id, string store, WithdrawnKeyRemains kept) =>
        Fix(
            "vault-key-kept",
            $"key {id} still opens {store}, which keeps {kept.File}: {kept.How}",
            "It is marked as withdrawn, and replicas let go of it. Give the store's credentials the right to delete, and run the same command again."
        );

    public static ResurgamException NotProven(string id, IReadOnlyList<string> missing) =>
        Fix(
            "vault-key-unproven",
            $"the new key {id} does not open everything yet: {string.Join(", ", missing)}",
            "Nothing was withdrawn. Run the same command again; 'resurgam vault check' tells what is damaged."
        );

    public static ResurgamException LostProof(string id, IReadOnlyList<string> others) =>
        Fix(
            "vault-key-unproven",
            others.Count == 0
                ? $"key {id} is withdrawn, and no other is left in the vault"
                : $"key {id} is withdrawn, and none of the others ({string.Join(", ", others)}) opens the vault and all generations now",
            "A replica that still opens has what is missing: 'resurgam --from REPLICA vault copy primary'. 'resurgam vault check' tells what is gone."
        );

    public static ResurgamException SameSecret() =>
        Fix(
            "vault-key-same",
            "the new secret is the one that the plan names already",
            "Name another source for the new one: 'resurgam vault secret FILE' makes a key file."
        );

    public static ResurgamException BadThreshold(int threshold, int count) =>
        Fix(
            "shares-threshold",
            $"{threshold} of {count} shares are no recovery shares",
            "At least 2 must be needed, no more than there are, and there are at most 255: '--threshold 3 --shares 5'."
        );

    public static ResurgamException NoShare() =>
        Fix(
            "shares-few",
            "there is no recovery share in what was given",
            $"Name the files that hold them; a share begins with {RecoveryShare.Mark}."
        );

    public static ResurgamException FewShares(int given, int threshold) =>
        Fix(
            "shares-few",
            $"{given} different shares were given, and {threshold} are needed",
            "Ask the next holder; each share says which one it is."
        );

    public static ResurgamException MixedShares(RecoveryShare one, RecoveryShare other) =>
        Fix(
            "shares-mixed",
            $"share {one.Index} is of set {one.SetName} for vault {one.VaultId}, share {other.Index} of set {other.SetName} for vault {other.VaultId}",
            "Take shares of one set only; 'resurgam vault key list' shows which sets still open the vault."
        );

    public static ResurgamException FalseShares(string set) =>
        Fix(
            "shares-false",
            $"these shares do not give the secret of set {set}: at least one was made up",
            "Try other shares of the set; every share that was printed by resurgam has the right checksum and fits."
        );

    public static ResurgamException DamagedShare(string where) =>
        Fix(
            "share-damaged",
            $"a share in {where} is not as it was printed: its checksum does not fit",
            "Compare it with the paper, group by group; the letters I, L, O and U do not occur."
        );

    private static ResurgamException Fix(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
