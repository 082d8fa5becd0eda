using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>How a copy is made.</summary>
public sealed record ReplicaCopySettings
{
    /// <summary>Requests to each store at once.</summary>
    public int Workers { get; init; } = 12;

    /// <summary>Most bytes of objects in memory at once; a single object that is larger goes alone.</summary>
    public long MemoryBytes { get; init; } = 96 << 20;

    /// <summary>Only compare: nothing is written.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Read all of the target afterwards: named objects against their names, the others against the source.</summary>
    public bool ReadsBack { get; init; }

    /// <summary>
    /// Which generations the ledger calls expired: those go from the target, too, once they went from the source, and come to no place that
    /// let them go. Asked only when it matters. Null, or null as the answer: nobody has the secret, and nothing goes. Where a ledger could not be read
    /// nothing goes either that no other ledger calls expired, and what is marked as expired is not brought back.
    /// </summary>
    public Func<CancellationToken, Task<ExpiryAnswer?>>? FindExpired { get; init; }

    /// <summary>
    /// Ids of keys whose marks of withdrawal open, in either place: <see cref="Keys.VaultKeys.ReadWithdrawnAsync"/>. Asked only when marks keep something from
    /// being copied. Null, or null as the answer: nobody can tell, and a mark's name counts.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlySet<string>?>>? FindWithdrawn { get; init; }

    /// <summary>
    /// Takes from the target what belongs to withdrawn keys: <see cref="Keys.VaultKeys.FinishWithdrawalsAsync"/>. Asked only when something may be left
    /// of one. Null, or null as the answer: nobody can tell whether a mark is true, and nothing goes.
    /// </summary>
    public Func<CancellationToken, Task<WithdrawnKeyResult?>>? FinishWithdrawals { get; init; }

    /// <summary>
    /// The ledger in a place: what the target's lacks goes there only when it opens and goes on where that ends. Null: nobody has the secret, and it goes as it is.
    /// </summary>
    public Func<IStore, Ledger>? OpenLedger { get; init; }

    /// <summary>What earlier looks for forks between these two found the same; null: all is looked at.</summary>
    public IEndMemory? Ends { get; init; }
}

/// <param name="Comparison">How the two stood before.</param>
/// <param name="Objects">Copied now; in a dry run, what would be.</param>
/// <param name="Bytes">Of these.</param>
/// <param name="RemovedObjects">That the target had and the source let go: merged WAL, expired generations.</param>
/// <param name="ExpiredGenerations">Removed from the target, since the ledger says that they are expired.</param>
/// <param name="WithdrawnKeys">Ids of withdrawn keys that open the target no longer.</param>
/// <param name="ReadBackBytes">Read in the target to compare.</param>
public sealed record ReplicaCopyResult(
    ReplicaComparison Comparison,
    long Objects,
    long Bytes,
    long RemovedObjects,
    IReadOnlyList<string> ExpiredGenerations,
    IReadOnlyList<string> WithdrawnKeys,
    long ReadBackBytes,
    IReadOnlyList<ReplicaFinding> Findings
)
{
    /// <summary>Of the objects, those of the ledger that tell of copies and heals: to bring them is nothing to be told itself.</summary>
    public long PlaceEntries { get; init; }

    /// <summary>Nothing was found that anybody could mend.</summary>
    public bool Passed =>
        Findings.All(finding => finding.Fault is ReplicaFault.LockedKey or ReplicaFault.UnseenVersions);
}
