namespace Resurgam.Core.Plans;

/// <summary>How long copies are kept. What is not said keeps nothing beyond the rest.</summary>
public sealed record Retention
{
    /// <summary>Any moment back to here can be restored.</summary>
    public TimeSpan? PointInTime { get; init; }

    /// <summary>Newest snapshot of each of so many days.</summary>
    public int? Daily { get; init; }

    public int? Weekly { get; init; }

    public int? Monthly { get; init; }

    /// <summary>Never fewer verified copies of an asset than this, however old.</summary>
    public int VerifiedCopies { get; init; } = 1;

    /// <summary>Records and plan versions.</summary>
    public TimeSpan? Documents { get; init; }

    /// <summary>A reason for which nothing is expired. Null: no hold.</summary>
    public string? LegalHold { get; init; }
}
