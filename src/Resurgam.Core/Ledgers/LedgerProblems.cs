using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Ledgers;

public static class LedgerProblems
{
    public static ResurgamException Damaged(string key, string how) =>
        new(
            new Problem(
                "ledger-damaged",
                Remedy.Fix,
                $"{key} is damaged: {how}",
                "'resurgam ledger verify' shows all that is hurt; 'resurgam vault heal' brings it back when the plan has a replica."
            )
        );

    public static ResurgamException KeyWithdrawn(LedgerKeyId key) =>
        new(
            new Problem(
                "ledger-key-withdrawn",
                Remedy.Fix,
                $"the key {key} of this machine was withdrawn: what it signs counts no more",
                "'resurgam ledger keys' shows when and why. If this machine may write again, remove its key file below 'ledger/' in the state folder: the next command makes a new key."
            )
        );

    public static ResurgamException NoKey(string wanted) =>
        new(
            new Problem(
                "ledger-key-absent",
                Remedy.Fix,
                $"no key of the ledger begins with {wanted}, or more than one does",
                "'resurgam ledger keys' lists them."
            )
        );

    public static ResurgamException ForeignRoot(string vault) =>
        new(
            new Problem(
                "ledger-foreign-damaged",
                Remedy.Fix,
                $"the ledger of vault {vault} was not begun with the vault's own key",
                "'resurgam ledger verify' shows the entry; compare this store with a replica: somebody put another ledger there."
            )
        );

    public static ResurgamException Busy(StreamName stream, int attempts) =>
        new(
            new Problem(
                "ledger-busy",
                Remedy.Retry,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"stream {stream} of the ledger went on {attempts} times while one entry was written"
                ),
                "Many programs write to it at once; run the same command again."
            )
        );
}
