using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Resurgam.Core.Postgres;

/// <summary>The checksum that a cluster made with <c>initdb --data-checksums</c> keeps in each page of a relation.</summary>
/// <remarks>
/// Source: PostgreSQL's <c>storage/checksum_impl.h</c>, its description: 32 FNV-1a hashes side by side, a word of each
/// row of 128 bytes for each, with the product's upper bits shifted back in; two rows of zeros at the end; then all 32
/// folded together with the block number. Pages are little-endian here, as on every machine that .NET runs on.
/// </remarks>
public static class PageChecksum
{
    private const int LsnOffset = 0;
    private const int ChecksumOffset = 8;
    private const int UpperOffset = 14;
    private const int RowBytes = 128;
    private const uint FnvPrime = 16_777_619;

    /// <summary>Where the 32 hashes begin: arbitrary numbers that are part of PostgreSQL's page format.</summary>
    // csharpier-ignore
    private static ReadOnlySpan<uint> Starts =>
        [
            0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
            0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
            0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
            0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756,
        ];

    /// <param name="page">A whole page, whatever stands in its checksum field; 8192 bytes unless PostgreSQL was built otherwise.</param>
    /// <param name="blockNumber">Of the page in its relation, all segments before it counted.</param>
    /// <returns>1 to 65535; PostgreSQL never writes 0.</returns>
    public static ushort Compute(ReadOnlySpan<byte> page, uint blockNumber)
    {
        RequirePage(page);
        ref var row = ref Unsafe.As<byte, uint>(ref MemoryMarshal.GetReference(page));
        ref var start = ref MemoryMarshal.GetReference(Starts);
        var (a, b, c, d) = (Load(ref start, 0), Load(ref start, 4), Load(ref start, 8), Load(ref start, 12));
        var (e, f, g, h) = (Load(ref start, 16), Load(ref start, 20), Load(ref start, 24), Load(ref start, 28));

        // The checksum itself counts as zero: the lower half of the third word.
        var counted = Vector128.Create(~0u, ~0u, 0xFFFF_0000, ~0u);
        for (nuint word = 0; word < (nuint)page.Length / sizeof(uint); word += RowBytes / sizeof(uint))
        {
            a = Mix(a, Load(ref row, word) & counted);
            b = Mix(b, Load(ref row, word + 4));
            c = Mix(c, Load(ref row, word + 8));
            d = Mix(d, Load(ref row, word + 12));
            e = Mix(e, Load(ref row, word + 16));
            f = Mix(f, Load(ref row, word + 20));
            g = Mix(g, Load(ref row, word + 24));
            h = Mix(h, Load(ref row, word + 28));
            counted = Vector128<uint>.AllBitsSet;
        }
        for (var zeros = 0; zeros < 2; zeros++)
        {
            (a, b) = (Mix(a, default), Mix(b, default));
            (c, d) = (Mix(c, default), Mix(d, default));
            (e, f) = (Mix(e, default), Mix(f, default));
            (g, h) = (Mix(g, default), Mix(h, default));
        }
        var all = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
        var folded = all[0] ^ all[1] ^ all[2] ^ all[3] ^ blockNumber;
        return (ushort)(folded % 65535 + 1);
    }

    /// <summary>
    /// Whether the page is sound: its checksum is right, or it is all zero as PostgreSQL leaves a page that a relation
    /// was extended by. A page that says it is new but is not all zero is not sound; the server refuses it, too.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> page, uint blockNumber) =>
        IsNew(page)
            ? !page.ContainsAnyExcept((byte)0)
            : Compute(page, blockNumber) == BinaryPrimitives.ReadUInt16LittleEndian(page[ChecksumOffset..]);

    /// <summary>Whether nobody has initialised the page: its <c>pd_upper</c> is 0, and it has no checksum.</summary>
    public static bool IsNew(ReadOnlySpan<byte> page)
    {
        RequirePage(page);
        return BinaryPrimitives.ReadUInt16LittleEndian(page[UpperOffset..]) == 0;
    }

    /// <summary>Where the record ends that changed the page last (<c>pd_lsn</c>).</summary>
    public static Lsn PageLsn(ReadOnlySpan<byte> page)
    {
        RequirePage(page);
        ulong high = BinaryPrimitives.ReadUInt32LittleEndian(page[LsnOffset..]);
        return new Lsn((high << 32) | BinaryPrimitives.ReadUInt32LittleEndian(page[(LsnOffset + sizeof(uint))..]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Mix(Vector128<uint> hash, Vector128<uint> words)
    {
        var mixed = hash ^ words;
        return (mixed * Vector128.Create(FnvPrime)) ^ (mixed >>> 17);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Load(ref uint words, nuint at) => Vector128.LoadUnsafe(ref words, at);

    private static void RequirePage(ReadOnlySpan<byte> page)
    {
        if (page.IsEmpty || page.Length % RowBytes != 0)
            throw new ArgumentException($"a page has a multiple of {RowBytes} bytes, not {page.Length}", nameof(page));
    }
}
