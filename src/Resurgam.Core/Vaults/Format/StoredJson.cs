using Resurgam.Core.Compression;
using Resurgam.Core.Values;

namespace Resurgam.Core.Vaults.Format;

/// <summary>How index, snapshot and lock files look before sealing and after opening.</summary>
public static class StoredJson
{
    private const string Document = "stored document";
    private const byte ZstdMark = 2;
    private const int Level = 3;
    private const int LeastBuffer = 1 << 12;

    /// <summary>Room that any document of this length fits into when packed.</summary>
    public static int MostPackedBytes(int jsonBytes) => 1 + ZstdCompressor.BoundFor(jsonBytes);

    /// <summary>Writes the byte 2 and zstd, or the document itself where that is no longer.</summary>
    /// <param name="packed">Has room for <see cref="MostPackedBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Pack(ReadOnlySpan<byte> json, Span<byte> packed)
    {
        using ZstdCompressor compressor = new(Level);
        packed[0] = ZstdMark;
        var length = 1 + compressor.Compress(json, packed[1..]);
        if (length < json.Length)
            return length;
        json.CopyTo(packed);
        return json.Length;
    }

    /// <param name="stored">Begins with <c>{</c> or <c>[</c> (as it is) or 2 (zstd, one frame or more).</param>
    /// <param name="maxBytes">A longer document is refused before it is in memory.</param>
    public static byte[] Unpack(ReadOnlySpan<byte> stored, long maxBytes)
    {
        using NativeBuffer json = new(LeastBuffer);
        var length = Unpack(stored, maxBytes, json);
        return json.GetSpan()[..length].ToArray();
    }

    /// <param name="json">Takes the document, and grows as it needs.</param>
    /// <returns>The document's length.</returns>
    internal static int Unpack(ReadOnlySpan<byte> stored, long maxBytes, NativeBuffer json)
    {
        if (stored.IsEmpty)
            throw FormatProblems.Malformed(Document, "it is empty");
        if (stored[0] is not ((byte)'{' or (byte)'[' or ZstdMark))
            throw FormatProblems.Malformed(Document, $"it begins with the byte {stored[0]}, not with '{{' or 2");
        if (stored[0] == ZstdMark)
            return Decompress(stored[1..], maxBytes, json);
        if (stored.Length > maxBytes)
            throw TooLong(maxBytes);
        stored.CopyTo(json.Reserve(stored.Length).Span);
        return stored.Length;
    }

    private static int Decompress(ReadOnlySpan<byte> frames, long maxBytes, NativeBuffer json)
    {
        using ZstdDecompressor decompressor = new();
        // The length that the frame states is a hint: it may lie, and another frame may follow.
        var stated = ZstdDecompressor.StatedLength(frames) ?? 0;
        if (stated > maxBytes)
            throw TooLong(maxBytes);
        json.Reserve((int)Math.Max(stated, LeastBuffer));
        var length = 0;
        while (true)
        {
            if (length == json.LengthBytes)
                json.Resize(checked(2 * length));
            var (isAtEnd, consumed, written) = DecompressSome(decompressor, frames, json.GetSpan()[length..]);
            frames = frames[consumed..];
            length += written;
            if (length > maxBytes)
                throw TooLong(maxBytes);
            if (isAtEnd && frames.IsEmpty)
                return length;
            if (consumed == 0 && written == 0)
                throw FormatProblems.Malformed(Document, "its zstd frame is cut off");
        }
    }

    private static (bool IsAtEnd, int Consumed, int Written) DecompressSome(
        ZstdDecompressor decompressor,
        ReadOnlySpan<byte> frames,
        Span<byte> json
    )
    {
        try
        {
            return (decompressor.DecompressSome(frames, json, out var consumed, out var written), consumed, written);
        }
        catch (ZstdException e)
        {
            throw FormatProblems.Malformed(Document, $"zstd says {e.Message}", e);
        }
    }

    private static Problems.ResurgamException TooLong(long maxBytes) =>
        FormatProblems.Malformed(Document, $"it has more than {maxBytes} bytes");
}
