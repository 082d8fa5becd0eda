namespace Resurgam.Core.Ledgers;

/// <summary>What can be wrong with a ledger.</summary>
public enum LedgerFault
{
    /// <summary>An object does not open, or holds no entry in canonical form, or one of another place.</summary>
    Damaged,

    /// <summary>An entry does not name the hash of the one before it.</summary>
    Unlinked,

    /// <summary>A signature, a key or an entry about keys does not count.</summary>
    Unsigned,

    /// <summary>An entry is not there, and a later one is.</summary>
    Missing,

    /// <summary>The stream ends before an entry that was known to be there.</summary>
    Dropped,

    /// <summary>Two entries claim the same place.</summary>
    Forked,

    /// <summary>An object that is none of the ledger's.</summary>
    Stray,
}

/// <param name="Seq">0 when it is about no entry.</param>
/// <param name="What">In words.</param>
public sealed record LedgerFinding(LedgerFault Fault, StreamName Stream, long Seq, string What);

/// <summary>What a verification found.</summary>
/// <param name="Streams">In the order of their names.</param>
/// <param name="Signatures">How many were verified.</param>
public sealed record LedgerReport(
    IReadOnlyList<LedgerStreamReport> Streams,
    long Entries,
    long Signatures,
    IReadOnlyList<LedgerFinding> Findings
)
{
    public bool Passed => Findings.Count == 0;
}

/// <param name="Last">Null for a stream without an entry that can be read.</param>
public sealed record LedgerStreamReport(StreamName Stream, long Entries, LedgerEntry? Last);
