using System.Text.Json.Serialization;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.RecoverySets;
using Resurgam.Ledgers;
using Resurgam.Restores;
using Resurgam.Verifications;

namespace Resurgam.RecoverySets;

/// <summary>What <c>backup SET</c> prints.</summary>
internal sealed record SetBackupDocument(
    RecoverySetEntry Point,
    IReadOnlyList<BackupDocument> Assets,
    TimeSpan Duration
)
{
    /// <summary>Where the ledger tells of it; absent when it does not yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

/// <summary>What <c>snapshots --set</c> prints, oldest first.</summary>
internal sealed record SetPointsDocument(string Set, IReadOnlyList<RecoverySetEntry> Points);

/// <summary>What <c>restore SET</c> prints.</summary>
/// <param name="At">The moment.</param>
internal sealed record SetRestoreDocument(
    string Set,
    DateTimeOffset At,
    IReadOnlyList<RestoreDocument> Assets,
    TimeSpan Duration
)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

/// <summary>What <c>verify SET</c> prints.</summary>
internal sealed record SetVerifyDocument(
    string Set,
    DateTimeOffset At,
    bool Passed,
    IReadOnlyList<VerifyDocument> Assets,
    TimeSpan Duration
)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

[JsonSerializable(typeof(RecoverySetEntry))]
[JsonSerializable(typeof(SetBackupDocument))]
[JsonSerializable(typeof(SetPointsDocument))]
[JsonSerializable(typeof(SetRestoreDocument))]
[JsonSerializable(typeof(SetVerifyDocument))]
internal sealed partial class SetDocuments : JsonSerializerContext
{
    public static readonly SetDocuments Json = new(CliJson.NewOptions());
}
