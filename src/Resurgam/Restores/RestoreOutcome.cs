using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <param name="RecoveredTo">The recovery point that was reached, or that the cluster will recover to.</param>
internal sealed record RestoreOutcome(
    BlobId Snapshot,
    string? RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
)
{
    /// <summary>How long its parts took, as a verification calls them; empty when only a part of a snapshot was restored.</summary>
    public IReadOnlyList<StepView> Steps { get; init; } = [];

    /// <summary>Bytes of all that was restored, with those that were there already.</summary>
    public long? BytesTotal { get; init; }
}

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
    /// <summary>How long its parts took; empty when only a part of a snapshot was restored.</summary>
    public IReadOnlyList<StepView> Steps { get; init; } = [];

    /// <summary>Bytes of all that was restored, with those that were there already; absent when not counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BytesTotal { get; init; }

    /// <summary>Where the ledger tells of it; absent when it does not yet, and for a dry run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }

    public static RestoreDocument Of(string? asset, string target, RestoreOutcome outcome) =>
        new(asset, outcome.Snapshot, target, outcome.RecoveredTo, outcome.BytesWritten, outcome.Duration, outcome.Notes)
        {
            Steps = outcome.Steps,
            BytesTotal = outcome.BytesTotal,
        };
}

[JsonSerializable(typeof(RestoreDocument))]
internal sealed partial class RestoreDocuments : JsonSerializerContext
{
    public static readonly RestoreDocuments Json = new(CliJson.NewOptions());
}
