using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Verifications;

namespace Resurgam.Restores;

internal sealed record RestoreOutcome(
    BlobId Snapshot,
    RecoveredTo RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
)
{
    /// <summary>Only of a restore into a Kubernetes cluster.</summary>
    public ObjectsView? Objects { get; init; }

    /// <summary>Only of a restore onto a PostgreSQL server.</summary>
    public IReadOnlyList<DatabaseView>? Databases { get; init; }

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
    RecoveredTo RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
)
{
    /// <summary>Only of a restore into a Kubernetes cluster.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ObjectsView? Objects { get; init; }

    /// <summary>Only of a restore onto a PostgreSQL server.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DatabaseView>? Databases { get; init; }

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
            Objects = outcome.Objects,
            Databases = outcome.Databases,
            Steps = outcome.Steps,
            BytesTotal = outcome.BytesTotal,
        };
}

/// <param name="Shown">What did not come back; of a dry run all that would change, too. At most 1000.</param>
internal sealed record ObjectsView(
    int Created,
    int Changed,
    int Unchanged,
    int Conflicts,
    int Refused,
    int HeldBack,
    IReadOnlyList<ObjectView> Shown
)
{
    /// <summary>False when an object is not, or would not be, as in the snapshot. Held back on purpose does not count.</summary>
    [JsonIgnore]
    public bool IsWhole => Conflicts + Refused == 0;
}

/// <param name="Object"><c>Deployment shop/web</c></param>
/// <param name="Outcome"><c>created</c>, <c>changed</c>, <c>conflict</c>, <c>refused</c> or <c>held back</c>.</param>
/// <param name="Changes">Of a dry run: the fields that would change.</param>
internal sealed record ObjectView(
    string Object,
    string ApiVersion,
    string Outcome,
    string? Detail,
    IReadOnlyList<string> Changes
);

/// <param name="RestoredAs">What the copy is called now; of a dry run: would be.</param>
/// <param name="KeptAs">What the database that was there is called now; null when there was none, or nothing was swapped.</param>
internal sealed record DatabaseView(string Name, string RestoredAs, string? KeptAs, IReadOnlyList<CheckView> Checks);

[JsonSerializable(typeof(RestoreDocument))]
internal sealed partial class RestoreDocuments : JsonSerializerContext
{
    public static readonly RestoreDocuments Json = new(CliJson.NewOptions());
}
