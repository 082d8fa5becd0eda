using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;

namespace Resurgam.Restores;

/// <param name="RecoveredTo">The recovery point that was reached, or that the cluster will recover to.</param>
internal sealed record RestoreOutcome(
    BlobId Snapshot,
    string? RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
);

/// <summary>What <c>restore</c> prints.</summary>
internal sealed record RestoreDocument(
    string? Asset,
    BlobId Snapshot,
    string Target,
    string? RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
)
{
    /// <summary>Where the ledger tells of it; absent when it does not yet, and for a dry run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }

    public static RestoreDocument Of(string? asset, string target, RestoreOutcome outcome) =>
        new(
            asset,
            outcome.Snapshot,
            target,
            outcome.RecoveredTo,
            outcome.BytesWritten,
            outcome.Duration,
            outcome.Notes
        );
}

[JsonSerializable(typeof(RestoreDocument))]
internal sealed partial class RestoreDocuments : JsonSerializerContext
{
    public static readonly RestoreDocuments Json = new(CliJson.NewOptions());
}
