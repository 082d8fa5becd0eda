using System.CommandLine;
using Resurgam.Adapters.Ledgers;
using Resurgam.Cli;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

internal static class LedgerExportCommand
{
    public static Command Create()
    {
        Argument<string> folder = new("folder") { Description = "A new or empty folder." };
        Command command = new("export", "Write the ledger as plain lines that anybody can verify without Resurgam.")
        {
            folder,
        };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(folder), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string folder, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var ledger = vault.OpenLedger();
        LedgerExport export = new(session.AbsolutePath(folder));
        var (streams, entries) = await export.RunAsync(ledger, cancellationToken);
        LedgerExportDocument document = new(
            export.Folder,
            ledger.VaultId,
            LedgerAccess.FingerprintOf(ledger.Root),
            streams,
            entries
        );
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerExportDocument,
            text =>
            {
                text.WriteLine($"{document.Entries} entries of {document.Streams} streams in {document.Folder}");
                text.WriteLine($"key of the vault: {document.Root}");
                text.WriteLine("Hand that key's digits over by another way: who has them needs to trust nobody here.");
            }
        );
        return ExitCode.Success;
    }
}
