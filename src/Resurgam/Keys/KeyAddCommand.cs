using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Keys;

internal static class KeyAddCommand
{
    public static Command Create()
    {
        NewSecretOptions options = new();
        Command command = new("add", "Let another secret open the vault, too: a second person's, or one in a safe.");
        options.AddTo(command);
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                return RunAsync(session, options.Read(line, session), cancellationToken);
            }
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, NewSecret secret, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var password = await NewSecretOptions.ReadAsync(session, secret, cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.Vault,
            EntryKind.VaultKeyAdded,
            KeyDocuments.Json.KeyChangeDocument,
            async () =>
                new KeyChangeDocument(
                    await new VaultKeys(vault).AddAsync(password, secret.Name, cancellationToken),
                    secret.Name,
                    []
                )
        );
        session.Output.Write(
            document with
            {
                Ledger = entry,
            },
            KeyDocuments.Json.KeyChangeDocument,
            text => text.WriteLine($"key {document.Added?[..8]} opens the vault and every generation")
        );
        return ExitCode.Success;
    }
}
