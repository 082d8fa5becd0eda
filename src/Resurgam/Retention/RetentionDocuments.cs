using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Ledgers;

namespace Resurgam.Retention;

/// <summary>What <c>vault expire</c> prints.</summary>
/// <param name="Unfinished">Generations that an earlier run marked as gone and did not finish.</param>
/// <param name="Destroyed">Empty in a dry run.</param>
internal sealed record ExpireDocument(
    bool DryRun,
    IReadOnlyList<GenerationVerdictView> Generations,
    IReadOnlyList<string> Unfinished,
    IReadOnlyList<DestroyedView> Destroyed
);

/// <param name="Snapshots">Null when they cannot be read.</param>
/// <param name="Reasons">Why it stays; empty when it goes.</param>
/// <param name="Going">Its snapshots when it goes.</param>
internal sealed record GenerationVerdictView(
    string Name,
    bool Expires,
    int? Snapshots,
    int Objects,
    long LengthBytes,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<GoingSnapshotView> Going
)
{
    public static GenerationVerdictView Of(ExpiryVerdict verdict)
    {
        var generation = verdict.Generation;
        return new GenerationVerdictView(
            generation.Name,
            verdict.Expires,
            generation.Snapshots?.Count,
            generation.Objects,
            generation.LengthBytes,
            verdict.Reasons,
            verdict.Expires
                ?
                [
                    .. (generation.Snapshots ?? []).Select(snapshot => new GoingSnapshotView(
                        snapshot.Id,
                        snapshot.Asset,
                        snapshot.TakenAt,
                        snapshot.IsVerified
                    )),
                ]
                : []
        );
    }
}

internal sealed record GoingSnapshotView(BlobId Id, string Asset, DateTimeOffset TakenAt, bool Verified);

/// <param name="Left">Objects that the store does not let go yet.</param>
/// <param name="KeysLeft">Of these, files of its keys.</param>
internal sealed record DestroyedView(string Generation, int Deleted, int Left, string? LeftReason, int KeysLeft);

/// <summary>What <c>vault hold add</c> and <c>release</c> print; without <c>Ledger</c> it is the body of their entries.</summary>
internal sealed record HoldDocument(string Id, string? Asset, string? Generation, string Reason)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }

    [JsonIgnore]
    public string Scope => ScopeOf(Asset, Generation);

    public static string ScopeOf(string? asset, string? generation) =>
        (asset, generation) switch
        {
            (null, null) => "everything",
            (var name, null) => $"asset {name}",
            (null, var month) => $"generation {month}",
            var (name, month) => $"asset {name} in generation {month}",
        };
}

/// <summary>What <c>vault hold list</c> prints.</summary>
internal sealed record HoldListDocument(IReadOnlyList<HoldView> Holds);

internal sealed record HoldView(
    string Id,
    string? Asset,
    string? Generation,
    string Reason,
    DateTimeOffset AddedAt,
    string AddedBy
);

[JsonSerializable(typeof(ExpireDocument))]
[JsonSerializable(typeof(HoldDocument))]
[JsonSerializable(typeof(HoldListDocument))]
internal sealed partial class RetentionDocuments : JsonSerializerContext
{
    public static readonly RetentionDocuments Json = new(CliJson.NewOptions());
}
