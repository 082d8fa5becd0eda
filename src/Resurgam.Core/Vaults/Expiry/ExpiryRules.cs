namespace Resurgam.Core.Vaults.Expiry;

/// <summary>What must stay in a vault, whatever its age.</summary>
public sealed record ExpiryRules
{
    /// <summary>Back to this age every moment stays a recovery point.</summary>
    public required TimeSpan PointInTime { get; init; }

    /// <summary>The last snapshot of each of so many days that have one stays; likewise of weeks, which begin with Monday (UTC), and months.</summary>
    public int Daily { get; init; }

    public int Weekly { get; init; }

    public int Monthly { get; init; }

    /// <summary>So many verified snapshots of each asset stay at least.</summary>
    public required int VerifiedCopies { get; init; }

    /// <summary>How long after its month the store keeps a generation under lock; null: it locks nothing.</summary>
    public TimeSpan? LockFor { get; init; }
}
