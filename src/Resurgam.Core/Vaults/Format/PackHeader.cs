using System.Buffers.Binary;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// The table of contents at the end of a pack: <c>blob || ... || sealed header || uint32 length of the sealed header</c>.
/// </summary>
/// <remarks>
/// An entry is a type byte (0 data, 1 tree, 2 compressed data, 3 compressed tree), the stored length, for 2 and 3 the
/// plain length, and the id: 37 or 41 bytes, little-endian. The offsets follow from the order.
/// </remarks>
public static class PackHeader
{
    /// <summary>Most that the sealed header and its length field may have together.</summary>
    public const int MaxBytes = (16 << 20) + LengthFieldBytes;

    /// <summary>Blobs that fit into any pack, compressed or not.</summary>
    public const int MaxEntries = (MaxBytes - LengthFieldBytes - SealingKey.OverheadBytes) / CompressedEntryBytes;

    /// <summary>Of the field at the end.</summary>
    public const int LengthFieldBytes = sizeof(uint);

    private const string Document = "pack header";
    private const int EntryBytes = 1 + sizeof(uint) + BlobId.LengthBytes;
    private const int CompressedEntryBytes = EntryBytes + sizeof(uint);

    /// <summary>The header, not yet sealed.</summary>
    /// <param name="entries">One or more of one type, in the order of the pack and without gaps.</param>
    public static byte[] Write(ReadOnlySpan<PackEntry> entries)
    {
        Require.That(!entries.IsEmpty, "a pack has a blob");
        var header = new byte[StoredTailBytes(entries) - LengthFieldBytes - SealingKey.OverheadBytes];
        var rest = header.AsSpan();
        uint offset = 0;
        foreach (var entry in entries)
        {
            Require.That(entry.Offset == offset, "the blobs of a pack follow each other without gaps");
            Require.That(entry.Type == entries[0].Type, "data and trees do not share a pack");
            Require.That(entry.Length >= SealingKey.OverheadBytes, "a blob is sealed");
            offset += entry.Length;

            var isCompressed = entry.PlainLength != 0;
            rest[0] = (byte)((entry.Type == BlobType.Tree ? 1 : 0) + (isCompressed ? 2 : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(rest[1..], entry.Length);
            if (isCompressed)
                BinaryPrimitives.WriteUInt32LittleEndian(rest[5..], entry.PlainLength);
            var size = SizeOf(isCompressed);
            entry.Id.CopyTo(rest[(size - BlobId.LengthBytes)..]);
            rest = rest[size..];
        }
        return header;
    }

    /// <param name="plainHeader">The opened header, without the length field.</param>
    public static List<PackEntry> Read(ReadOnlySpan<byte> plainHeader)
    {
        if (plainHeader.Length > MaxBytes - LengthFieldBytes - SealingKey.OverheadBytes)
            throw FormatProblems.Malformed(Document, $"it has {plainHeader.Length} bytes");
        if (plainHeader.IsEmpty)
            throw FormatProblems.Malformed(Document, "it has no entry");

        List<PackEntry> entries = new(plainHeader.Length / EntryBytes);
        uint offset = 0;
        for (var rest = plainHeader; !rest.IsEmpty; )
        {
            var entry = ReadEntry(rest, entries.Count, offset);
            if (entry.Length > uint.MaxValue - offset)
                throw FormatProblems.Malformed(Document, $"entry {entries.Count} ends beyond 4 GiB");
            entries.Add(entry);
            offset += entry.Length;
            rest = rest[SizeOf(entry.PlainLength != 0)..];
        }
        return entries;
    }

    /// <summary>What sealed header and length field add to a pack.</summary>
    public static int StoredTailBytes(ReadOnlySpan<PackEntry> entries)
    {
        var bytes = SealingKey.OverheadBytes + LengthFieldBytes;
        foreach (var entry in entries)
            bytes += SizeOf(entry.PlainLength != 0);
        Require.That(bytes <= MaxBytes, "the header of a pack has at most 16 MiB");
        return bytes;
    }

    /// <summary>The most that sealed header and length field add to a pack of that many blobs.</summary>
    /// <param name="entries">At most <see cref="MaxEntries"/>.</param>
    public static int StoredTailBytes(int entries)
    {
        Require.That(entries is >= 0 and <= MaxEntries, "the header of a pack has at most 16 MiB");
        return SealingKey.OverheadBytes + LengthFieldBytes + entries * CompressedEntryBytes;
    }

    /// <summary>Reads the length field.</summary>
    /// <param name="lastBytes">The last four bytes of the pack, or more of its end.</param>
    /// <param name="packBytes">Length of the whole pack.</param>
    /// <returns>Length of the sealed header, which ends four bytes before the pack does.</returns>
    public static int ReadSealedLength(ReadOnlySpan<byte> lastBytes, long packBytes)
    {
        if (lastBytes.Length < LengthFieldBytes || packBytes < lastBytes.Length)
            throw FormatProblems.Malformed(Document, $"a pack of {packBytes} bytes has no room for one");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(lastBytes[^LengthFieldBytes..]);
        return
            length > MaxBytes - LengthFieldBytes
            || length > packBytes - LengthFieldBytes
            || length < SealingKey.OverheadBytes + EntryBytes
            ? throw FormatProblems.Malformed(Document, $"a pack of {packBytes} bytes says {length} for its length")
            : (int)length;
    }

    /// <summary>Appends what <see cref="ReadSealedLength"/> reads.</summary>
    /// <param name="sealedHeaderBytes">Length of the sealed header.</param>
    /// <param name="lastBytes">Four bytes.</param>
    public static void WriteSealedLength(int sealedHeaderBytes, Span<byte> lastBytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(lastBytes, (uint)sealedHeaderBytes);

    private static PackEntry ReadEntry(ReadOnlySpan<byte> rest, int number, uint offset)
    {
        var type = rest[0];
        if (type > 3)
            throw FormatProblems.Malformed(Document, $"entry {number} has the unknown type {type}");
        var isCompressed = type >= 2;
        var size = SizeOf(isCompressed);
        if (rest.Length < size)
            throw FormatProblems.Malformed(Document, $"entry {number} is cut off");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[1..]);
        if (length < SealingKey.OverheadBytes)
            throw FormatProblems.Malformed(Document, $"entry {number} has {length} bytes, which no sealed blob has");
        var plainLength = isCompressed ? BinaryPrimitives.ReadUInt32LittleEndian(rest[5..]) : 0;
        if (isCompressed && plainLength == 0)
            throw FormatProblems.Malformed(Document, $"entry {number} is compressed and has no plain length");
        var id = BlobId.From(rest[(size - BlobId.LengthBytes)..size]);
        return new PackEntry(id, (type & 1) == 0 ? BlobType.Data : BlobType.Tree, offset, length, plainLength);
    }

    private static int SizeOf(bool isCompressed) => isCompressed ? CompressedEntryBytes : EntryBytes;
}
