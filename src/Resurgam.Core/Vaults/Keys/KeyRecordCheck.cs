using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>Whether a record of a way of unlocking is whole.</summary>
internal static class KeyRecordCheck
{
    /// <param name="vault">Opened in any place of it.</param>
    /// <param name="key">Of the record, in a store.</param>
    /// <param name="bytes">What is there.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>What is wrong, in words; null when nothing is, or when nobody can tell because the vault's key is lost.</returns>
    public static async Task<string?> FindFaultAsync(
        Vault vault,
        string key,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    ) =>
        vault.Key is null
        || VaultKeyRecord.TryOpen(bytes.Span, vault.Key) is not null
        || await IsOfAnotherMakerAsync(vault, key, cancellationToken)
            ? null
            : "its seal is broken";

    /// <summary>
    /// Who was killed while he made this vault, or lost a race for it, left a record by a key that is no vault's: its key
    /// file never came, or opens that other key.
    /// </summary>
    private static async Task<bool> IsOfAnotherMakerAsync(
        Vault vault,
        string recordKey,
        CancellationToken cancellationToken
    )
    {
        var name = VaultKeys.Prefix + recordKey[VaultKeyRecord.Prefix.Length..];
        if (await vault.Store.FindAsync(name, cancellationToken) is not { } file)
            return true;
        try
        {
            return KeyDocument.Read(file).TryOpen(vault.Password, out var master)
                && !Vault.AreEqual(master, vault.RequiredKey);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return false; // the file is damaged, which is told beside this
        }
    }
}
