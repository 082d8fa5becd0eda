using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Secrets.Restore;

internal static class RestoreProblems
{
    public static ResurgamException Another(string snapshot) =>
        new(
            new Problem(
                "escrow-damaged",
                Remedy.Fix,
                $"the secret in snapshot {snapshot} is not the one that was recorded",
                "Somebody with the vault's secret has changed it: compare with earlier snapshots ('resurgam snapshots'), and run 'resurgam ledger verify'."
            )
        );
}
