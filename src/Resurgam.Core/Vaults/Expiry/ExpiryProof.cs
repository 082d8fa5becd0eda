using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Vaults.Expiry;

/// <summary>What a generation was when it expired, and by which rules: the body of the ledger's <c>generation-expired</c>.</summary>
public sealed record ExpiryProof
{
    public required string Generation { get; init; }

    public required int Objects { get; init; }

    public required long LengthBytes { get; init; }

    /// <summary>SHA-256 of a line <c>KEY LENGTH</c> for each object, in the order of keys: packs are named by what they hold.</summary>
    public required string ObjectsDigest { get; init; }

    /// <summary>Its key files by name, and of <c>resurgam.key</c> the SHA-256: without them the packs are noise.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    public required IReadOnlyList<ExpiryProofSnapshot> Snapshots { get; init; }

    public required ExpiryProofRules Rules { get; init; }

    internal LedgerFact ToFact() =>
        LedgerFact.Of(
            EntryKind.GenerationExpired,
            JsonSerializer.SerializeToUtf8Bytes(this, ExpiryJson.Default.ExpiryProof)
        );
}

public sealed record ExpiryProofSnapshot(string Id, string Asset, DateTimeOffset TakenAt, bool Verified);

/// <summary>Why it went: the plan's retention, which kept it no longer.</summary>
public sealed record ExpiryProofRules(long PointInTimeSeconds, int Daily, int Weekly, int Monthly, int VerifiedCopies);

/// <summary>How far the destruction came: the body of the ledger's <c>generation-deleted</c>.</summary>
/// <param name="Deleted">Objects that were deleted in this run, old versions among them.</param>
/// <param name="Left">Objects that the store does not let go yet: under object lock, or without the right to delete.</param>
/// <param name="LeftReason">The store's words for the first of them.</param>
/// <param name="KeysLeft">Of these, files of its keys: as long as there are any, the vault's secret opens what else is left.</param>
public sealed record ExpiryOutcome(string Generation, int Deleted, int Left, string? LeftReason, int KeysLeft)
{
    internal LedgerFact ToFact() =>
        LedgerFact.Of(
            EntryKind.GenerationDeleted,
            JsonSerializer.SerializeToUtf8Bytes(this, ExpiryJson.Default.ExpiryOutcome)
        );
}

/// <param name="Entry">Hash of the ledger's <c>generation-expired</c>.</param>
internal sealed record ExpiryMark(string Generation, DateTimeOffset ExpiredAt, string Entry);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExpiryProof))]
[JsonSerializable(typeof(ExpiryOutcome))]
[JsonSerializable(typeof(ExpiryMark))]
internal sealed partial class ExpiryJson : JsonSerializerContext;
