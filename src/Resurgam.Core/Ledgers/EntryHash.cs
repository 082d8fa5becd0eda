using System.Diagnostics.CodeAnalysis;
using System.Text;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Ledgers;

/// <summary>SHA-256 of an entry's whole line, its signature and its line break included. The next entry names it.</summary>
public readonly record struct EntryHash
{
    private readonly BlobId _hash;

    private EntryHash(BlobId hash) => _hash = hash;

    public string Hex => _hash.Hex;

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => Hex[..12];

    public static EntryHash Of(ReadOnlySpan<byte> line) => new(BlobId.Of(line));

    /// <summary>What the first entry of a stream names: it ties the stream to its name and its vault.</summary>
    public static EntryHash Beginning(string vaultId, StreamName stream) =>
        Of(Encoding.ASCII.GetBytes($"resurgam ledger {vaultId} {stream}\n"));

    /// <summary>Reads 64 hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out EntryHash hash)
    {
        var isHash = BlobId.TryParse(hex, out var id);
        hash = new EntryHash(id);
        return isHash;
    }

    public override string ToString() => Hex;
}
