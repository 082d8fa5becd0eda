using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

internal static class LedgerKeysCommand
{
    public static Command Create()
    {
        Command command = new("keys", "List the keys that sign the ledger.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var ledger = vault.OpenLedger();
        KeyRing ring = new(ledger.Root, ledger.VaultId);
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, 1, cancellationToken))
            if (ring.Apply(entry) is { } fault)
                session.Output.Warn($"entry {entry.Seq} of stream vault: {fault} (see 'resurgam ledger verify')");
        LedgerKeysDocument document = new(
            LedgerAccess.FingerprintOf(ledger.Root),
            [
                .. ring
                    .Keys.Values.OrderBy(key => key.IntroducedAt)
                    .Select(state => new LedgerKeyView(
                        state.Key.Id.Value,
                        state.Node,
                        state.IntroducedAt,
                        state.WithdrawnAt,
                        state.Reason,
                        state.Key.PublicBase64
                    )),
            ]
        );
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerKeysDocument,
            text =>
            {
                foreach (var key in document.Keys)
                    text.WriteLine(
                        $"{key.Id}  {key.Node, -20} since {key.IntroducedAt:yyyy-MM-dd HH:mm:ss}Z{(key.WithdrawnAt is { } at ? $", withdrawn {at:yyyy-MM-dd HH:mm:ss}Z: {key.Reason}" : "")}"
                    );
                text.WriteLine($"key of the vault: {document.Root}");
            }
        );
        return ExitCode.Success;
    }
}
