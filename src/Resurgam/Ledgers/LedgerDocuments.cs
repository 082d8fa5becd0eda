using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;

namespace Resurgam.Ledgers;

/// <summary>Where an entry stands: a part of what <c>backup</c>, <c>verify</c>, <c>restore</c> and <c>vault create</c> print.</summary>
internal sealed record EntryView(string Stream, long Seq, string Hash)
{
    public static EntryView Of(LedgerEntry entry) => new(entry.Stream.Value, entry.Seq, entry.Hash.Hex);
}

/// <summary>Body of an entry of what was tried and failed.</summary>
/// <param name="Snapshot">Of which it was known by then.</param>
internal sealed record FailureDocument(
    string Code,
    string What,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Snapshot
);

/// <summary>What <c>ledger show</c> prints.</summary>
internal sealed record LedgerShowDocument(IReadOnlyList<LedgerEntryView> Entries);

/// <param name="Previous">Hash of the entry before it.</param>
/// <param name="Body">As the command that wrote it printed it.</param>
internal sealed record LedgerEntryView(
    string Stream,
    long Seq,
    DateTimeOffset Time,
    string Kind,
    string Actor,
    string Program,
    string Key,
    string Previous,
    string Hash,
    JsonElement Body
);

/// <summary>What <c>ledger verify</c> prints.</summary>
/// <param name="Vault">Id of the vault.</param>
/// <param name="Root">The vault's own key: SHA-256 of its SubjectPublicKeyInfo.</param>
/// <param name="Signatures">How many were verified.</param>
/// <param name="AllSignatures">Each entry's own, or the last one of each key.</param>
/// <param name="EntriesPerSecond">Null when nothing was read.</param>
/// <param name="Copies">How each stream stands in the copy that was named.</param>
internal sealed record LedgerVerifyDocument(
    bool Passed,
    string Vault,
    string Root,
    long Entries,
    long Signatures,
    bool AllSignatures,
    IReadOnlyList<LedgerStreamView> Streams,
    IReadOnlyList<LedgerFindingView> Findings,
    IReadOnlyList<LedgerCopyView> Copies,
    TimeSpan Duration,
    double? EntriesPerSecond
);

/// <param name="Seq">Of the last entry; 0 for an empty stream.</param>
/// <param name="Head">Hash of the last entry; null for an empty stream.</param>
internal sealed record LedgerStreamView(string Stream, long Entries, long Seq, string? Head);

internal sealed record LedgerFindingView(string Fault, string Stream, long Seq, string What);

/// <param name="State"><c>same</c>, <c>ahead</c> (there is more here), <c>behind</c> or <c>forked</c>.</param>
/// <param name="CommonSeq">Last entry that both have.</param>
/// <param name="Here">What follows it here, in a fork.</param>
/// <param name="There">What follows it in the copy, in a fork.</param>
internal sealed record LedgerCopyView(
    string Stream,
    string State,
    long CommonSeq,
    IReadOnlyList<LedgerEntryView> Here,
    IReadOnlyList<LedgerEntryView> There
);

/// <summary>What <c>ledger keys</c> prints.</summary>
internal sealed record LedgerKeysDocument(string Root, IReadOnlyList<LedgerKeyView> Keys);

/// <param name="Public">SubjectPublicKeyInfo in base64.</param>
internal sealed record LedgerKeyView(
    string Id,
    string Node,
    DateTimeOffset IntroducedAt,
    DateTimeOffset? WithdrawnAt,
    string Reason,
    string Public
);

/// <summary>What <c>ledger withdraw</c> prints.</summary>
internal sealed record LedgerWithdrawDocument(string Key, string Reason, EntryView Entry);

/// <summary>What <c>ledger revoke</c> prints.</summary>
internal sealed record LedgerRevokeDocument(string Asset, DateTimeOffset Before, string Reason, EntryView Entry);

/// <summary>What <c>ledger settle</c> prints.</summary>
/// <param name="Passed">No fork is left.</param>
/// <param name="Kept">The store whose entries stay.</param>
/// <param name="Other">The store whose entries are set aside.</param>
/// <param name="Stream">Where those are kept.</param>
internal sealed record LedgerSettleDocument(
    bool Passed,
    bool DryRun,
    string Kept,
    string Other,
    string Stream,
    IReadOnlyList<LedgerSettleView> Streams
);

/// <param name="CommonSeq">Last entry that both had.</param>
/// <param name="Kept">Entries behind it that stay.</param>
/// <param name="ToldAgain">Of those that are set aside.</param>
/// <param name="Refused">Why the other store still has its own; null when it has what stays.</param>
internal sealed record LedgerSettleView(
    string Stream,
    long CommonSeq,
    int Kept,
    int SetAside,
    int ToldAgain,
    string? Refused
);

/// <summary>What <c>ledger compact</c> prints.</summary>
internal sealed record LedgerCompactDocument(IReadOnlyList<LedgerCompactView> Streams);

/// <param name="Left">Single entries that the store did not let go.</param>
internal sealed record LedgerCompactView(string Stream, int Segments, long Deleted, long Left);

/// <summary>What <c>ledger export</c> prints.</summary>
internal sealed record LedgerExportDocument(string Folder, string Vault, string Root, int Streams, long Entries);

[JsonSerializable(typeof(FailureDocument))]
[JsonSerializable(typeof(LedgerShowDocument))]
[JsonSerializable(typeof(LedgerVerifyDocument))]
[JsonSerializable(typeof(LedgerKeysDocument))]
[JsonSerializable(typeof(LedgerWithdrawDocument))]
[JsonSerializable(typeof(LedgerRevokeDocument))]
[JsonSerializable(typeof(LedgerCompactDocument))]
[JsonSerializable(typeof(LedgerSettleDocument))]
[JsonSerializable(typeof(LedgerExportDocument))]
internal sealed partial class LedgerDocuments : JsonSerializerContext
{
    public static readonly LedgerDocuments Json = new(CliJson.NewOptions());
}
