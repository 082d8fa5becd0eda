using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Predictions;

/// <summary>What can be seen of an asset without asking the asset: from the vault, and from this machine.</summary>
public sealed record AssetFacts
{
    public required AssetId Asset { get; init; }

    /// <summary>As the plan's key <c>kind</c> has it.</summary>
    public required string Kind { get; init; }

    public required AssetHistory History { get; init; }

    /// <summary>What the vault holds of it, oldest first.</summary>
    public ValueList<SnapshotFact> Snapshots { get; init; } = [];

    /// <summary>Null for an asset whose changes are not followed.</summary>
    public WalFacts? Wal { get; init; }

    /// <summary>The newest moment at which a schedule wanted a backup of it; null when none ever did.</summary>
    public DateTimeOffset? BackupDueAt { get; init; }

    /// <summary>Where that is: the longest time between two backups of it by its best schedule; null when none backs it up.</summary>
    public TimeSpan? BackupEvery { get; init; }

    /// <summary>A restore of it gives an empty server: <c>start-empty</c> of the plan.</summary>
    public bool StartsEmpty { get; init; }

    /// <summary>Its WAL is kept by whoever runs the server, and not here.</summary>
    public bool HasWalElsewhere { get; init; }

    /// <summary>The most data, in time, that may be lost. Null: the plan does not say.</summary>
    public TimeSpan? LossObjective { get; init; }

    /// <summary>The longest it may be down. Null: the plan does not say.</summary>
    public TimeSpan? RecoveryObjective { get; init; }

    /// <summary>What could not be seen, and why.</summary>
    public ValueList<string> Unseen { get; init; } = [];
}

public sealed record SnapshotFact(BlobId Id, DateTimeOffset TakenAt);

/// <summary>How a cluster's WAL, or a Redis server's commands, are kept.</summary>
public sealed record WalFacts
{
    /// <summary>
    /// Of a cluster from the end of the newest snapshot on, of a Redis server from the base of its stream on; null when there is none to begin at, or
    /// it does not say where it ends.
    /// </summary>
    public WalReach? Reach { get; init; }

    /// <summary>What the server wrote is in the store after this time at most, while the stream runs.</summary>
    public required TimeSpan ShippedWithin { get; init; }

    /// <summary>What the stream on this machine says of itself; null when none ever ran here.</summary>
    public StreamFacts? Stream { get; init; }
}

/// <param name="IsRunning">It said so a moment ago.</param>
/// <param name="SecuredAt">All that the server had written before is in the store; null while that is not known.</param>
/// <param name="Problem">What keeps it from its work, in words.</param>
/// <param name="LagBytes">What the server has written and the store does not have; null while that is not known.</param>
public sealed record StreamFacts(bool IsRunning, DateTimeOffset? SecuredAt, string? Problem, long? LagBytes = null)
{
    /// <summary>What to do about the problem, where a stream that is started anew would only meet it again; else null.</summary>
    public string? Hint { get; init; }
}
