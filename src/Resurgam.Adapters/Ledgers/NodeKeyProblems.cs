using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Ledgers;

internal static class NodeKeyProblems
{
    public static ResurgamException Unreadable(string path, Exception cause) =>
        new(
            new Problem(
                "ledger-key-unreadable",
                Remedy.Fix,
                $"the key {path}, with which this machine signs the ledger, cannot be read or made: {cause.Message}",
                $"Check 'ls -l {path}' and that the folder can be written. The file may be removed: a new key is then made and introduced."
            ),
            cause
        );

    public static ResurgamException Open(string path, UnixFileMode mode) =>
        new(
            new Problem(
                "ledger-key-open",
                Remedy.Fix,
                $"the key {path}, with which this machine signs the ledger, has mode {Convert.ToString((int)mode, 8)}: others may read or change it",
                $"Run 'chmod 600 {path}'. Were strangers on this machine, remove the file and run 'resurgam ledger withdraw' for its key."
            )
        );
}
