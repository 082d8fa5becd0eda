using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Keys;

/// <summary>What the commands that take a new secret have in common.</summary>
internal static class KeyChange
{
    public static Command Create(
        string name,
        string description,
        Func<Session, NewSecret, CancellationToken, Task<int>> runAsync
    )
    {
        NewSecretOptions options = new();
        Command command = new(name, description);
        options.AddTo(command);
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                return runAsync(session, options.Read(line, session), cancellationToken);
            }
        );
        return command;
    }

    /// <summary>Reads the new secret, changes the vault's keys by it, and records the change.</summary>
    /// <param name="kind">Of <see cref="EntryKind"/>.</param>
    /// <param name="changeAsync">Gets the new secret.</param>
    public static async Task<int> RunAsync(
        Session session,
        NewSecret secret,
        string kind,
        Func<VaultKeys, string, Task<KeyChangeDocument>> changeAsync,
        Action<TextWriter, KeyChangeDocument> write,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var password = await NewSecretOptions.ReadAsync(session, secret, cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.Vault,
            kind,
            KeyDocuments.Json.KeyChangeDocument,
            () => changeAsync(new VaultKeys(vault), password)
        );
        session.Output.Write(
            document with
            {
                Ledger = entry,
            },
            KeyDocuments.Json.KeyChangeDocument,
            text => write(text, document)
        );
        return ExitCode.Success;
    }
}
