using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Ledgers;

namespace Resurgam.Core.RecoverySets;

/// <summary>One recovery point of several assets, as its entry in the ledger has it (docs/formats/recovery-set.md).</summary>
public sealed record RecoverySetEntry
{
    public required string Set { get; init; }

    /// <summary>The moment: what was written before is in it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>From the earliest to the latest member's own moment; 0 when nothing was written in between.</summary>
    public required double SkewSeconds { get; init; }

    /// <summary>A barrier kept everything still.</summary>
    public required bool WasHeld { get; init; }

    /// <summary>In the order in which they come back.</summary>
    public required IReadOnlyList<SetMember> Members { get; init; }

    /// <summary>What a person should know of it, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public string? PlanHash { get; init; }

    /// <summary>Every recovery point of a set that the ledger tells of, oldest first.</summary>
    public static async Task<IReadOnlyList<RecoverySetEntry>> ListAsync(
        Ledger ledger,
        string set,
        CancellationToken cancellationToken
    )
    {
        List<RecoverySetEntry> found = [];
        await foreach (var entry in ledger.ReadAsync(StreamName.OfSet(set), 1, cancellationToken))
            if (
                entry.Kind == EntryKind.RecoverySet
                && JsonSerializer.Deserialize(entry.Body.Span, RecoverySetJson.Default.RecoverySetEntry) is { } point
            )
                found.Add(point);
        return found;
    }
}

/// <summary>What one asset is in a set, and what ties it to the moment. What does not concern its kind is null.</summary>
public sealed record SetMember
{
    public required string Asset { get; init; }

    /// <summary>As its snapshots have it.</summary>
    public required string Kind { get; init; }

    /// <summary>64 hexadecimal digits.</summary>
    public required string Snapshot { get; init; }

    /// <summary>What it comes back as of.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Its stream leads on from the snapshot to <see cref="At"/>; false: it is as the snapshot has it.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>PostgreSQL: recovery ends here, on this timeline of this cluster.</summary>
    public string? Lsn { get; init; }

    public uint? Timeline { get; init; }
    public string? SystemIdentifier { get; init; }

    /// <summary>Redis: commands up to here, in the history that has this id.</summary>
    public long? Offset { get; init; }

    public string? ReplicationId { get; init; }

    /// <summary>Kubernetes: the moment of the cluster's store.</summary>
    public string? ResourceVersion { get; init; }

    public string? ClusterUid { get; init; }

    public IReadOnlyList<RepositoryTie>? Repositories { get; init; }
    public IReadOnlyList<DatabaseTie>? Databases { get; init; }
}

/// <param name="Commit">What its HEAD leads to; null when that has no commit yet.</param>
/// <param name="RefsDigest">Of all refs: docs/formats/git.md.</param>
public sealed record RepositoryTie(string Name, string? Commit, string RefsDigest, DateTimeOffset SeenAt);

/// <param name="Moment">Databases with the same number are of one moment of their server.</param>
public sealed record DatabaseTie(string Name, int Moment, string Lsn, DateTimeOffset At);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RecoverySetEntry))]
internal sealed partial class RecoverySetJson : JsonSerializerContext;
