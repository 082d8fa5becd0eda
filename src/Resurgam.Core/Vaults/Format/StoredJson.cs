using System.Buffers;
using Resurgam.Core.Compression;

namespace Resurgam.Core.Vaults.Format;

/// <summary>How index, snapshot and lock files look before sealing and after opening.</summary>
public static class StoredJson
{
    private const string Document = "stored document";
    private const byte ZstdMark = 2;
    private const int Level = 3;
    private const int LeastBuffer = 1 << 12;

    /// <summary>The byte 2 and zstd, or the document itself where that is no longer.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> json)
    {
        using ZstdCompressor compressor = new(Level);
        var packed = ArrayPool<byte>.Shared.Rent(1 + ZstdCompressor.BoundFor(json.Length));
        packed[0] = ZstdMark;
        var length = 1 + compressor.Compress(json, packed.AsSpan(1));
        var stored = length < json.Length ? packed[..length] : json.ToArray();
        ArrayPool<byte>.Shared.Return(packed);
        return stored;
    }

    /// <param name="stored">Begins with <c>{</c> or <c>[</c> (as it is) or 2 (zstd, one frame or more).</param>
    /// <param name="maxBytes">A longer document is refused before it is in memory.</param>
    public static byte[] Unpack(ReadOnlySpan<byte> stored, long maxBytes)
    {
        if (stored.IsEmpty)
            throw FormatProblems.Malformed(Document, "it is empty");
        if (stored[0] is (byte)'{' or (byte)'[')
            return stored.Length <= maxBytes ? stored.ToArray() : throw TooLong(maxBytes);
        if (stored[0] != ZstdMark)
            throw FormatProblems.Malformed(Document, $"it begins with the byte {stored[0]}, not with '{{' or 2");
        try
        {
            return Decompress(stored[1..], maxBytes);
        }
        catch (ZstdException e)
        {
            throw FormatProblems.Malformed(Document, $"zstd says {e.Message}", e);
        }
    }

    private static byte[] Decompress(ReadOnlySpan<byte> frames, long maxBytes)
    {
        using ZstdDecompressor decompressor = new();
        // The length that the frame states is a hint: it may lie, and another frame may follow.
        var stated = ZstdDecompressor.StatedLength(frames) ?? 0;
        if (stated > maxBytes)
            throw TooLong(maxBytes);
        var json = new byte[Math.Max(stated, LeastBuffer)];
        var length = 0;
        while (true)
        {
            if (length == json.Length)
                Array.Resize(ref json, checked(2 * length));
            var isAtEnd = decompressor.DecompressSome(frames, json.AsSpan(length), out var consumed, out var written);
            frames = frames[consumed..];
            length += written;
            if (length > maxBytes)
                throw TooLong(maxBytes);
            if (isAtEnd && frames.IsEmpty)
                return length == json.Length ? json : json[..length];
            if (consumed == 0 && written == 0)
                throw FormatProblems.Malformed(Document, "its zstd frame is cut off");
        }
    }

    private static Problems.ResurgamException TooLong(long maxBytes) =>
        FormatProblems.Malformed(Document, $"it has more than {maxBytes} bytes");
}
