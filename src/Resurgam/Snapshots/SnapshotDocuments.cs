using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;

namespace Resurgam.Snapshots;

/// <summary>What <c>snapshots</c> prints.</summary>
internal sealed record SnapshotsDocument(IReadOnlyList<SnapshotView> Snapshots);

/// <param name="Asset">Null for one that stock restic made.</param>
internal sealed record SnapshotView(
    BlobId Id,
    DateTimeOffset Time,
    string? Asset,
    string? Kind,
    string Generation,
    string Hostname,
    BlobId? Parent
);

/// <summary>What <c>ls</c> prints.</summary>
internal sealed record ListingDocument(BlobId Snapshot, IReadOnlyList<ListingEntry> Entries);

/// <param name="Mode">As ls shows it: <c>-rw-r--r--</c>.</param>
internal sealed record ListingEntry(
    string Path,
    string Type,
    string Mode,
    string User,
    string Group,
    long Size,
    DateTimeOffset ModifiedAt,
    string? LinkTarget
);

[JsonSerializable(typeof(SnapshotsDocument))]
[JsonSerializable(typeof(ListingDocument))]
internal sealed partial class SnapshotDocuments : JsonSerializerContext
{
    public static readonly SnapshotDocuments Json = new(CliJson.NewOptions());
}
