using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Sealing;

/// <summary>What can be wrong with a key that comes from outside.</summary>
public static class SealingProblems
{
    public static ResurgamException KeyIsZero(string part) =>
        new(
            new Problem(
                "vault-key-unusable",
                Remedy.Fix,
                What: $"the {part} is all zero, so it protects nothing",
                Hint: "Something other than resurgam or restic wrote this key: open the vault with another key file, or a replica."
            )
        );

    public static ResurgamException CostIsAbsurd(int n, int r, int p, string why) =>
        new(
            new Problem(
                "vault-key-cost",
                Remedy.Fix,
                What: $"the key file asks for scrypt with N={n}, r={r}, p={p}: {why}",
                Hint: "restic and resurgam write N=32768, r=8 and p up to 10; compare the key file with a replica's, or use another key file."
            )
        );
}
