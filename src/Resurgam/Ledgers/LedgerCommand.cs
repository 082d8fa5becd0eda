using System.CommandLine;

namespace Resurgam.Ledgers;

internal static class LedgerCommand
{
    public static Command Create() =>
        new("ledger", "The signed, chained record of all that happened.")
        {
            LedgerShowCommand.Create(),
            LedgerVerifyCommand.Create(),
            LedgerExportCommand.Create(),
            LedgerKeysCommand.Create(),
            LedgerWithdrawCommand.Create(),
            LedgerRevokeCommand.Create(),
            LedgerSettleCommand.Create(),
            LedgerCompactCommand.Create(),
        };
}
