using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;

namespace Resurgam.Keys;

internal static class KeyRotateCommand
{
    public static Command Create() =>
        KeyChange.Create("rotate", "Put a new secret in the place of the one that the plan names.", RunAsync);

    internal static Task<int> RunAsync(Session session, NewSecret secret, CancellationToken cancellationToken) =>
        KeyChange.RunAsync(
            session,
            secret,
            EntryKind.VaultKeyRotated,
            async (keys, password) =>
            {
                var (added, withdrawn, remains) = await keys.RotateAsync(password, secret.Name, cancellationToken);
                return new KeyChangeDocument(added, secret.Name, withdrawn) { Remains = KeyRemainsView.Of(remains) };
            },
            (text, document) =>
            {
                text.WriteLine($"key {document.Added?[..8]} opens the vault and every generation");
                text.WriteLine($"withdrawn: {string.Join(", ", document.Withdrawn.Select(id => id[..8]))}");
                text.WriteLine($"Now let 'vault.secret' of the plan name {secret.Source}, on every machine.");
                document.WriteRemains(text);
            },
            cancellationToken
        );
}
