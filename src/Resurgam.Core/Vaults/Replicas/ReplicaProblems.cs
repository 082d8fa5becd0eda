using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Replicas;

public static class ReplicaProblems
{
    public static ResurgamException OtherVault(string store, string found, string expected) =>
        new(
            new Problem(
                "replica-other-vault",
                Remedy.Fix,
                $"{store} holds vault {found}, not {expected}",
                "A replica has a place of its own: correct its 'store' in the plan."
            )
        );

    public static ResurgamException NotEmpty(string store, string key) =>
        new(
            new Problem(
                "replica-not-empty-refused",
                Remedy.Fix,
                $"{store} holds no vault and is not empty: there is {key}",
                "Name an empty folder or prefix as the replica's 'store': what is there is never overwritten or mixed with."
            )
        );
}
