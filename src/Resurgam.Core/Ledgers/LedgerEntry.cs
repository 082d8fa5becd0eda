namespace Resurgam.Core.Ledgers;

/// <summary>One line of the ledger. Its canonical form: docs/formats/ledger.md.</summary>
public sealed record LedgerEntry
{
    public required StreamName Stream { get; init; }

    /// <summary>From 1.</summary>
    public required long Seq { get; init; }

    /// <summary>By the clock of who wrote it.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Of the entry before, or <see cref="EntryHash.Beginning"/>.</summary>
    public required EntryHash Previous { get; init; }

    public required LedgerKeyId Key { get; init; }

    /// <summary><c>user@host</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Name and version.</summary>
    public required string Program { get; init; }

    public required string Kind { get; init; }

    /// <summary>A JSON object in canonical form.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>ASN.1 DER, over <see cref="LedgerLine.SignedBytes"/>.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>The whole line with its line break.</summary>
    public required ReadOnlyMemory<byte> Line { get; init; }

    public required EntryHash Hash { get; init; }

    public LedgerHead Head => new(Stream, Seq, Hash);

    public bool Equals(LedgerEntry? other) => other is not null && Hash == other.Hash;

    public override int GetHashCode() => Hash.GetHashCode();
}

/// <summary>The last entry of a stream, or some earlier one that is taken for a fixed point.</summary>
/// <param name="Seq">0: the stream is empty.</param>
public sealed record LedgerHead(StreamName Stream, long Seq, EntryHash Hash);
