namespace Resurgam.Core.Vaults.Expiry;

/// <summary>A generation as far as its expiry goes.</summary>
/// <param name="Name">Its month: <c>2026-11</c>.</param>
/// <param name="Snapshots">Null when they cannot be read.</param>
/// <param name="NewestAt">When the store took its newest object, by the store's clock; null when it has none.</param>
/// <param name="Streams">Assets of which it holds WAL or the like.</param>
/// <param name="UsedBy">Who holds a lock in it: <c>user@host, process 7</c>. Null: nobody.</param>
public sealed record GenerationFacts(
    string Name,
    IReadOnlyList<ExpirySnapshot>? Snapshots,
    int Objects,
    long LengthBytes,
    DateTimeOffset? NewestAt,
    IReadOnlyCollection<string> Streams,
    string? UsedBy
)
{
    /// <summary>What the last scrub found damaged or missing in it, and what is not healed yet.</summary>
    public int Damaged { get; init; }
}

/// <param name="Asset">Empty for one that stock restic made.</param>
/// <param name="IsVerified">The ledger tells of a verification that it passed, and of none after it that it did not.</param>
public sealed record ExpirySnapshot(BlobId Id, string Asset, DateTimeOffset TakenAt, bool IsVerified);

/// <summary>What becomes of a generation.</summary>
/// <param name="Reasons">Why it stays, in words; empty when it goes.</param>
public sealed record ExpiryVerdict(GenerationFacts Generation, IReadOnlyList<string> Reasons)
{
    public bool Expires => Reasons.Count == 0;
}
