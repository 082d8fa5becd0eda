using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Ledgers;

/// <summary>
/// What an asset held before a moment must not come back: after a breach its sessions were revoked, and a restored one
/// would let somebody in again.
/// </summary>
public sealed record Revocation
{
    public required string Asset { get; init; }

    /// <summary>No restore to a point before this.</summary>
    public required DateTimeOffset Before { get; init; }

    public required string Reason { get; init; }

    public LedgerFact ToFact() =>
        LedgerFact.Of(
            EntryKind.SessionsRevoked,
            JsonSerializer.SerializeToUtf8Bytes(this, RevocationJson.Default.Revocation)
        );

    /// <summary>The latest moment that the ledger tells of for an asset; null when nothing was revoked.</summary>
    /// <exception cref="Problems.ResurgamException">The ledger cannot be read.</exception>
    public static async Task<Revocation?> FindAsync(Ledger ledger, string asset, CancellationToken cancellationToken)
    {
        Revocation? latest = null;
        await foreach (var entry in ledger.ReadAsync(StreamName.OfAsset(asset), 1, cancellationToken))
            if (
                entry.Kind == EntryKind.SessionsRevoked
                && JsonSerializer.Deserialize(entry.Body.Span, RevocationJson.Default.Revocation) is { } found
                && (latest is null || found.Before > latest.Before)
            )
                latest = found;
        return latest;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Revocation))]
internal sealed partial class RevocationJson : JsonSerializerContext;
