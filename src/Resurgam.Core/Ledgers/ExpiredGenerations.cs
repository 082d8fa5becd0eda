using System.Text.Json;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Ledgers;

/// <summary>Which generations of a vault are expired, as its ledger says: what proves that they went on purpose.</summary>
public static class ExpiredGenerations
{
    /// <summary>An entry of the vault's stream; its body names the generation: <c>{"generation":"2026-08"}</c>, and may say more.</summary>
    public const string Kind = "generation-expired";

    /// <exception cref="ResurgamException"><c>ledger-damaged</c></exception>
    public static async Task<IReadOnlySet<string>> ReadAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, 1, cancellationToken))
        {
            if (entry.Kind != Kind)
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
