using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>The word that a way of unlocking is withdrawn, in every place of a vault: docs/formats/keys.md.</summary>
/// <remarks>
/// Its name tells anybody, so that a copy without the secret brings no key file back. That a key file goes needs more: a mark that opens, which only who
/// has the vault's secret can make. Equal marks are equal bytes, so that two places that withdraw the same key do not differ.
/// </remarks>
internal sealed record KeyWithdrawal
{
    public const string Prefix = "key-withdrawals/";

    /// <summary>The id of the way: name of its file in <c>keys/</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Of its files everywhere: by this those of the generations are known.</summary>
    public required byte[] Salt { get; init; }

    public byte[] Seal(SealingKey vaultKey) =>
        new LedgerSecret(vaultKey).Seal(
            JsonSerializer.SerializeToUtf8Bytes(this, KeyWithdrawalJson.Default.KeyWithdrawal)
        );

    /// <param name="storeKey">Where the mark lies.</param>
    /// <returns>Null when it is damaged, of another vault, or lies under another key's name.</returns>
    public static KeyWithdrawal? TryOpen(string storeKey, ReadOnlySpan<byte> bytes, SealingKey vaultKey)
    {
        if (new LedgerSecret(vaultKey).TryOpen(bytes) is not { } plain)
            return null;
        try
        {
            var mark = JsonSerializer.Deserialize(plain, KeyWithdrawalJson.Default.KeyWithdrawal);
            return mark is { Salt.Length: > 0 } && Prefix + mark.Key == storeKey ? mark : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Every mark that opens, by the key that it speaks of.</summary>
    public static async Task<IReadOnlyDictionary<string, KeyWithdrawal>> ReadAllAsync(
        IStore store,
        SealingKey vaultKey,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, KeyWithdrawal> marks = new(StringComparer.Ordinal);
        await foreach (var item in store.ListAsync(Prefix, cancellationToken))
            if (
                await store.FindAsync(item.Key, cancellationToken) is { } bytes
                && TryOpen(item.Key, bytes, vaultKey) is { } mark
            )
                marks[mark.Key] = mark;
        return marks;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyWithdrawal))]
internal sealed partial class KeyWithdrawalJson : JsonSerializerContext;
