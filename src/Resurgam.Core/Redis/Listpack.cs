using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Resurgam.Core.Redis;

/// <summary>Redis' packed list: a header of six bytes, entries with their length behind them, and 0xFF (Redis, <c>listpack.c</c>).</summary>
internal static class Listpack
{
    private const int HeaderBytes = 6;
    private const byte End = 0xFF;

    public static List<byte[]> Read(ReadOnlySpan<byte> bytes)
    {
        List<byte[]> texts = [];
        var at = HeaderBytes;
        while (at < bytes.Length && bytes[at] != End)
        {
            var (header, length, number) = ReadHeader(bytes[at..]);
            if (bytes.Length - at < header + length)
                throw Cut();
            texts.Add(
                number is { } value
                    ? Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture))
                    : bytes.Slice(at + header, length).ToArray()
            );
            at += header + length + LengthBytes(header + length);
        }
        return at < bytes.Length ? texts : throw Cut();
    }

    /// <summary>Bytes before the text, bytes of the text, and the number where it is one (then without text).</summary>
    private static (int Header, int Length, long? Number) ReadHeader(ReadOnlySpan<byte> entry)
    {
        int first = entry[0];
        if (first < 0x80)
            return (1, 0, first);
        if (first < 0xC0)
            return (1, first & 0x3F, null);
        if (first < 0xE0)
            return (2, 0, ((((first & 0x1F) << 8) | At(entry, 1)) << 19) >> 19); // 13 bits with their sign
        if (first < 0xF0)
            return (2, ((first & 0x0F) << 8) | At(entry, 1), null);
        return first switch
        {
            0xF0 when entry.Length >= 5 => (
                5,
                (int)Math.Min(int.MaxValue - 16, BinaryPrimitives.ReadUInt32LittleEndian(entry[1..])),
                null
            ),
            0xF1 when entry.Length >= 3 => (3, 0, BinaryPrimitives.ReadInt16LittleEndian(entry[1..])),
            0xF2 when entry.Length >= 4 => (
                4,
                0,
                (At(entry, 1) | (At(entry, 2) << 8) | (At(entry, 3) << 16)) << 8 >> 8
            ),
            0xF3 when entry.Length >= 5 => (5, 0, BinaryPrimitives.ReadInt32LittleEndian(entry[1..])),
            0xF4 when entry.Length >= 9 => (9, 0, BinaryPrimitives.ReadInt64LittleEndian(entry[1..])),
            _ => throw Cut(),
        };
    }

    /// <summary>Of the length behind an entry, by which lists are read backwards: seven bits a byte.</summary>
    private static int LengthBytes(int length) =>
        length switch
        {
            <= 127 => 1,
            < 16383 => 2,
            < 2097151 => 3,
            < 268435455 => 4,
            _ => 5,
        };

    private static int At(ReadOnlySpan<byte> entry, int at) => at < entry.Length ? entry[at] : throw Cut();

    private static Problems.ResurgamException Cut() => RedisFormatProblems.Garbled("a packed list ends too early");
}
