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
                var (added, withdrawn) = await keys.RotateAsync(password, secret.Name, cancellationToken);
                return new KeyChangeDocument(added, secret.Name, withdrawn);
            },
            (text, document) =>
            {
                text.WriteLine($"key {document.Added?[..8]} opens the vault and every generation");
                text.WriteLine($"withdrawn: {string.Join(", ", document.Withdrawn.Select(id => id[..8]))}");
                text.WriteLine($"Now let 'vault.secret' of the plan name {secret.Source}, on every machine.");
                text.WriteLine("Replicas and offline media still open with the old secret: rotate there, too.");
            },
            cancellationToken
        );
}
