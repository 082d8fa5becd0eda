using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Keys;

internal static class KeyWithdrawCommand
{
    public static Command Create()
    {
        Argument<string> key = new("key") { Description = "First digits of the key's id ('vault key list')." };
        Command command = new("withdraw", "Let a key open nothing more; never the last one.") { key };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(key), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string wanted, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.Vault,
            EntryKind.VaultKeyWithdrawn,
            KeyDocuments.Json.KeyChangeDocument,
            async () =>
            {
                var (id, remains) = await new VaultKeys(vault).WithdrawAsync(wanted, cancellationToken);
                return new KeyChangeDocument(null, "", [id]) { Remains = KeyRemainsView.Of(remains) };
            }
        );
        session.Output.Write(
            document with
            {
                Ledger = entry,
            },
            KeyDocuments.Json.KeyChangeDocument,
            text =>
            {
                text.WriteLine($"key {document.Withdrawn[0][..8]} is withdrawn from {vault.Store.Name}");
                document.WriteRemains(text);
            }
        );
        return ExitCode.Success;
    }
}
