using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

/// <summary>What <c>vault create</c> prints.</summary>
/// <param name="SigningKey">SHA-256 of the public half of the vault's own key: to be noted outside, for who verifies the ledger.</param>
internal sealed record VaultCreateDocument(string Id, string Store, DateTimeOffset Created, string SigningKey)
{
    /// <summary>Where the ledger tells of it; absent when it does not yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

/// <summary>What <c>vault info</c> prints.</summary>
/// <param name="Id">Null for a plain restic repository.</param>
/// <param name="SizeBytes">Of everything in the store.</param>
internal sealed record VaultInfoDocument(
    string? Id,
    string Store,
    DateTimeOffset? Created,
    int Format,
    long SizeBytes,
    IReadOnlyList<string> Keys,
    IReadOnlyList<GenerationView> Generations,
    IReadOnlyList<ReplicaStateView> Replicas
)
{
    /// <summary>How far the reading of each place has come; null without the vault's secret.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ScrubView>? Scrubs { get; init; }
}

/// <param name="SizeBytes">Of all its objects.</param>
/// <param name="WalBytes">Of these, the WAL streams.</param>
/// <param name="Expired">It is marked as gone; what it still has, the store does not let go.</param>
internal sealed record GenerationView(
    string Name,
    int Snapshots,
    int Packs,
    long SizeBytes,
    long WalBytes,
    bool Expired = false
);

/// <summary>What <c>vault check</c> prints.</summary>
/// <param name="WalObjects">Read back with <c>--read-data</c>; 0 without.</param>
internal sealed record VaultCheckDocument(
    bool Passed,
    bool ReadData,
    int Generations,
    int Snapshots,
    int Packs,
    long Blobs,
    long BytesRead,
    int UnusedPacks,
    int WalObjects,
    IReadOnlyList<DamageView> Damage,
    TimeSpan Duration
)
{
    /// <summary>What is no damage, and still cannot be restored: gaps of streams.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

internal sealed record DamageView(string Subject, string How);

/// <summary>What <c>vault scrub</c> prints.</summary>
/// <param name="Objects">Read now, and their bytes.</param>
/// <param name="Damaged">All that is known and not healed yet; the first 1000.</param>
internal sealed record ScrubDocument(
    string Store,
    ScrubView State,
    long Objects,
    long Bytes,
    IReadOnlyList<ScrubDamageView> Damaged,
    TimeSpan Duration
)
{
    public bool Passed => State.Passed;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

/// <param name="FoundAt">When it was seen first.</param>
internal sealed record ScrubDamageView(string Key, string How, DateTimeOffset FoundAt);

/// <summary>What <c>vault password</c> prints.</summary>
internal sealed record VaultPasswordDocument(IReadOnlyList<string> Repositories, string Password);

[JsonSerializable(typeof(VaultCreateDocument))]
[JsonSerializable(typeof(VaultInfoDocument))]
[JsonSerializable(typeof(VaultCheckDocument))]
[JsonSerializable(typeof(ScrubDocument))]
[JsonSerializable(typeof(VaultPasswordDocument))]
[JsonSerializable(typeof(VaultCopyDocument))]
[JsonSerializable(typeof(VaultHealDocument))]
[JsonSerializable(typeof(ReplicaCopyView))]
internal sealed partial class VaultDocuments : JsonSerializerContext
{
    public static readonly VaultDocuments Json = new(CliJson.NewOptions());
}
