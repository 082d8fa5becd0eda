using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Keys;

internal static class KeyRotateCommand
{
    public static Command Create()
    {
        NewSecretOptions options = new();
        Command command = new("rotate", "Put a new secret in the place of the one that the plan names.");
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
            EntryKind.VaultKeyRotated,
            KeyDocuments.Json.KeyChangeDocument,
            async () =>
            {
                var (added, withdrawn) = await new VaultKeys(vault).RotateAsync(
                    password,
                    secret.Name,
                    cancellationToken
                );
                return new KeyChangeDocument(added, secret.Name, withdrawn);
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
                text.WriteLine($"key {document.Added?[..8]} opens the vault and every generation");
                text.WriteLine($"withdrawn: {string.Join(", ", document.Withdrawn.Select(id => id[..8]))}");
                text.WriteLine($"Now let 'vault.secret' of the plan name {secret.Source}, on every machine.");
                text.WriteLine("Replicas and offline media still open with the old secret: rotate there, too.");
            }
        );
        return ExitCode.Success;
    }
}
