using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Assets;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Restores;

namespace Resurgam.Verifications;

/// <summary>What <c>verify</c> prints.</summary>
/// <param name="LastCommitAt">Of the last transaction in the restored copy.</param>
internal sealed record VerifyDocument(
    string Asset,
    BlobId Snapshot,
    bool Passed,
    IReadOnlyList<CheckView> Checks,
    IReadOnlyList<StepView> Steps,
    RecoveredTo RecoveredTo,
    DateTimeOffset? LastCommitAt,
    TimeSpan Duration
)
{
    /// <summary>Bytes that were restored, and of these what the scratch folder did not hold already; absent when not counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BytesTotal { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BytesWritten { get; init; }

    /// <summary>WAL that was replayed; absent for anything but a cluster.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? WalBytes { get; init; }

    /// <summary>What it could not prove with what is on this machine; absent: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unproven { get; init; }

    /// <summary>Where the ledger tells of it; absent when it does not yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

internal sealed record CheckView(string Name, bool Passed, string Detail)
{
    /// <summary>The check could not be made, as its detail says; absent when it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NotChecked { get; init; }

    public static CheckView Of(VerificationCheck check) =>
        new(check.Name, check.Passed, check.Detail) { NotChecked = !check.IsMade };
}

/// <param name="Seconds">How long it took.</param>
internal sealed record StepView(string Name, double Seconds);

[JsonSerializable(typeof(VerifyDocument))]
internal sealed partial class VerifyDocuments : JsonSerializerContext
{
    public static readonly VerifyDocuments Json = new(CliJson.NewOptions());
}
