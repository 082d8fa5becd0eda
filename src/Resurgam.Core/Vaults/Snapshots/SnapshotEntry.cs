using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>A snapshot as the vault lists it.</summary>
public sealed record SnapshotEntry(Repository Repository, BlobId Id, SnapshotDocument Document)
{
    private const string AssetTag = "asset=";
    private const string KindTag = "kind=";

    /// <summary>Null for a snapshot that stock restic made.</summary>
    public string? Asset => TagValue(AssetTag);

    /// <summary><c>postgres</c>, <c>files</c> …; null for a snapshot that stock restic made.</summary>
    public string? Kind => TagValue(KindTag);

    public DateTimeOffset TakenAt => Document.Time.ToDateTimeOffset();

    public static IReadOnlyList<string> Tags(string asset, string kind) => [AssetTag + asset, KindTag + kind];

    private string? TagValue(string prefix) =>
        Document.Tags.FirstOrDefault(tag => tag.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
}
