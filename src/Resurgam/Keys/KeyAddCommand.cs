using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;

namespace Resurgam.Keys;

internal static class KeyAddCommand
{
    public static Command Create() =>
        KeyChange.Create(
            "add",
            "Let another secret open the vault, too: a second person's, or one in a safe.",
            RunAsync
        );

    internal static Task<int> RunAsync(Session session, NewSecret secret, CancellationToken cancellationToken) =>
        KeyChange.RunAsync(
            session,
            secret,
            EntryKind.VaultKeyAdded,
            async (keys, password) =>
                new KeyChangeDocument(await keys.AddAsync(password, secret.Name, cancellationToken), secret.Name, []),
            (text, document) => text.WriteLine($"key {document.Added?[..8]} opens the vault and every generation"),
            cancellationToken
        );
}
