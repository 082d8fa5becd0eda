using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Ledgers;

internal static class PendingFactsProblems
{
    public static ResurgamException Failed(string folder, Exception cause) =>
        new(
            new Problem(
                "ledger-pending",
                Remedy.Fix,
                $"what waits for the ledger cannot be kept in or read from {folder}: {cause.Message}",
                $"Check 'ls -ld {folder}' and 'df -h {folder}'. The work itself is done and safe; only its record is not written."
            ),
            cause
        );

    public static ResurgamException Damaged(string path) =>
        new(
            new Problem(
                "ledger-pending",
                Remedy.Fix,
                $"{path}, which waits for the ledger, is damaged",
                "Look at it, note what it tells, and remove it: later entries wait behind it."
            )
        );
}
