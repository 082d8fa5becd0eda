using System.Text.Json;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Ledgers;

/// <summary>Which generations of a vault are expired, as its ledger says: what proves that they went on purpose.</summary>
public static class ExpiredGenerations
{
    /// <summary>Reads the vault's stream for <see cref="EntryKind.GenerationExpired"/>; only what is signed by a key that counts does.</summary>
    /// <exception cref="ResurgamException"><c>ledger-damaged</c></exception>
    public static async Task<IReadOnlySet<string>> ReadAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        KeyRing ring = new(ledger.Root, ledger.VaultId);
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, 1, cancellationToken))
        {
            ring.Apply(entry);
            if (entry.Kind != EntryKind.GenerationExpired || ring.FaultOfSignature(entry) is not null)
                continue;
            using var body = JsonDocument.Parse(entry.Body);
            if (
                body.RootElement.TryGetProperty("generation", out var name)
                && name.ValueKind == JsonValueKind.String
                && name.GetString() is { } generation
            )
                names.Add(generation);
        }
        return names;
    }
}
