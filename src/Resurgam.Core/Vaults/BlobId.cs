using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Resurgam.Core.Vaults;

/// <summary>SHA-256 of plaintext (a blob) or of stored bytes (a pack, an index, a snapshot, a key file).</summary>
/// <remarks>The default value is all zero, which no input is known to hash to: it stands for "none".</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BlobId : IComparable<BlobId>
{
    public const int LengthBytes = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <param name="bytes">Exactly 32 bytes.</param>
    public static BlobId From(ReadOnlySpan<byte> bytes) =>
        bytes.Length == LengthBytes
            ? MemoryMarshal.Read<BlobId>(bytes)
            : throw new ArgumentException($"an id has 32 bytes, not {bytes.Length}", nameof(bytes));

    public static BlobId Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[LengthBytes];
        SHA256.HashData(content, hash);
        return From(hash);
    }

    /// <summary>Reads 64 hexadecimal digits, either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out BlobId id)
    {
        Span<byte> bytes = stackalloc byte[LengthBytes];
        if (
            hex is { Length: 64 }
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done
        )
        {
            id = From(bytes);
            return true;
        }
        id = default;
        return false;
    }

    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, this);

    /// <summary>Lower-case hexadecimal, 64 digits.</summary>
    public string Hex
    {
        get
        {
            Span<byte> bytes = stackalloc byte[LengthBytes];
            CopyTo(bytes);
            return Convert.ToHexStringLower(bytes);
        }
    }

    /// <summary>The first 8 digits, as restic shows ids to people.</summary>
    public string Short => Hex[..8];

    /// <summary>Ordinal order of the bytes, which is the order of <see cref="Hex"/>.</summary>
    public int CompareTo(BlobId other)
    {
        Span<byte> mine = stackalloc byte[LengthBytes];
        Span<byte> others = stackalloc byte[LengthBytes];
        CopyTo(mine);
        other.CopyTo(others);
        return mine.SequenceCompareTo(others);
    }

    /// <summary>The first eight bytes, as a number in this machine's order.</summary>
    internal ulong Leading => _a;

    /// <summary>The bytes are a hash already: any eight of them spread evenly.</summary>
    public override int GetHashCode() => unchecked((int)_a ^ (int)(_a >> 32));

    public override string ToString() => Hex;

    public static bool operator <(BlobId left, BlobId right) => left.CompareTo(right) < 0;

    public static bool operator >(BlobId left, BlobId right) => left.CompareTo(right) > 0;

    public static bool operator <=(BlobId left, BlobId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(BlobId left, BlobId right) => left.CompareTo(right) >= 0;
}
