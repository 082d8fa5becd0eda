using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;

namespace Resurgam.Backups;

/// <summary>What <c>backup</c> prints.</summary>
/// <param name="Mode"><c>full</c>, or <c>incremental</c> when the server sent only what has changed.</param>
/// <param name="BytesRead">Plain bytes of all files of the snapshot.</param>
/// <param name="BytesNew">Plain bytes that the vault did not have.</param>
/// <param name="BytesStored">Bytes that the store grew by.</param>
/// <param name="Findings">What is wrong with the source, in words; empty is good.</param>
/// <param name="Notes">How it went, where that is worth a word.</param>
internal sealed record BackupDocument(
    string Asset,
    BlobId Snapshot,
    BlobId? Parent,
    DateTimeOffset Time,
    string Mode,
    long BytesRead,
    long BytesNew,
    long BytesStored,
    TimeSpan Duration,
    IReadOnlyList<string> Findings,
    IReadOnlyList<string> Notes
)
{
    /// <summary>A cluster's timeline, and the WAL that the snapshot holds itself; absent for anything else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Timeline { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Lsn? StartLsn { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Lsn? StopLsn { get; init; }

    /// <summary>Where the ledger tells of it; absent when it does not yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

[JsonSerializable(typeof(BackupDocument))]
internal sealed partial class BackupDocuments : JsonSerializerContext
{
    public static readonly BackupDocuments Json = new(CliJson.NewOptions());
}
