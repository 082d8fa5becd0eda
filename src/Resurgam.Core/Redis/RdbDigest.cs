using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Core.Redis;

/// <summary>
/// What a value holds, as a hash that does not depend on how a server happens to keep it: the same set is the same, whether
/// it is written as a list of integers, packed, or as a table in any order. Works on the pieces of an RDB and on what
/// <c>DUMP</c> answers, so that both can be compared.
/// </summary>
public static class RdbDigest
{
    /// <summary>Of a hash all of whose fields have a time to live: at any time it may be gone.</summary>
    public static readonly string OfNothingLasting = "hash:" + HashOf([]);

    private const int DumpFooterBytes = 10; // version of the RDB form, CRC-64

    /// <param name="type">The byte that says how the value is written.</param>
    /// <returns>64 lower-case hexadecimal digits behind the word for what is compared.</returns>
    public static string Of(byte type, ReadOnlySpan<byte> value)
    {
        RdbValueReader reader = new(value);
        return type switch
        {
            RdbShape.String => "string:" + HashOf([reader.ReadText()]),
            RdbShape.List => "list:" + HashOf(ReadTexts(ref reader)),
            RdbShape.ListQuicklist => "list:" + HashOf(ReadQuicklist(ref reader)),
            RdbShape.Set => "set:" + HashOf(Sorted(ReadTexts(ref reader), 1)),
            RdbShape.SetIntegers => "set:" + HashOf(Sorted(ReadIntegers(reader.ReadText()), 1)),
            RdbShape.SetListpack => "set:" + HashOf(Sorted(Listpack.Read(reader.ReadText()), 1)),
            RdbShape.Hash => "hash:" + HashOf(Sorted(ReadPairs(ref reader), 2)),
            RdbShape.HashListpack => "hash:" + HashOf(Sorted(Listpack.Read(reader.ReadText()), 2)),
            RdbShape.HashExpiring => "hash:" + HashOf(Sorted(ReadLasting(ref reader), 2)),
            RdbShape.HashExpiringListpack => "hash:" + HashOf(Sorted(ReadLastingPacked(ref reader), 2)),
            RdbShape.SortedSet => "zset:" + HashOf(Sorted(ReadScored(ref reader), 2)),
            RdbShape.SortedSetListpack => "zset:" + HashOf(Sorted(WithScores(Listpack.Read(reader.ReadText())), 2)),
            // Streams, modules, and what servers before 7 wrote: the same only when it is written in the same way.
            _ => "bytes:" + Convert.ToHexStringLower(SHA256.HashData(value)),
        };
    }

    /// <param name="dump">What <c>DUMP</c> answers.</param>
    /// <returns>Type and digest; null when the answer is too short to be one.</returns>
    public static (byte Type, string Digest)? OfDump(ReadOnlySpan<byte> dump) =>
        dump.Length <= DumpFooterBytes ? null : (dump[0], Of(dump[0], dump[1..^DumpFooterBytes]));

    private static List<byte[]> ReadTexts(ref RdbValueReader reader)
    {
        List<byte[]> texts = [];
        for (var left = reader.ReadCount(); left > 0; left--)
            texts.Add(reader.ReadText());
        return texts;
    }

    private static List<byte[]> ReadPairs(ref RdbValueReader reader)
    {
        List<byte[]> texts = [];
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            texts.Add(reader.ReadText());
            texts.Add(reader.ReadText());
        }
        return texts;
    }

    /// <summary>Fields that expire may be gone when the other side is looked at: they are not compared.</summary>
    private static List<byte[]> ReadLasting(ref RdbValueReader reader)
    {
        List<byte[]> texts = [];
        reader.Take(sizeof(long));
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            var isLasting = reader.ReadAmount() == 0;
            byte[][] pair = [reader.ReadText(), reader.ReadText()];
            if (isLasting)
                texts.AddRange(pair);
        }
        return texts;
    }

    /// <summary>Field, value, and when it expires: "0" for never.</summary>
    private static List<byte[]> ReadLastingPacked(ref RdbValueReader reader)
    {
        reader.Take(sizeof(long));
        return
        [
            .. Listpack
                .Read(reader.ReadText())
                .Chunk(3)
                .Where(each => each is [_, _, var expiry] && expiry.AsSpan().SequenceEqual("0"u8))
                .SelectMany(each => each[..2]),
        ];
    }

    private static List<byte[]> ReadScored(ref RdbValueReader reader)
    {
        List<byte[]> texts = [];
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            texts.Add(reader.ReadText());
            texts.Add(Score(BinaryPrimitives.ReadDoubleLittleEndian(reader.Take(sizeof(double)))));
        }
        return texts;
    }

    private static List<byte[]> ReadQuicklist(ref RdbValueReader reader)
    {
        const int plain = 1;
        List<byte[]> texts = [];
        for (var left = reader.ReadCount(); left > 0; left--)
            if (reader.ReadCount() == plain)
                texts.Add(reader.ReadText());
            else
                texts.AddRange(Listpack.Read(reader.ReadText()));
        return texts;
    }

    /// <summary>Redis, <c>intset.c</c>: bytes of each, their number, then they.</summary>
    private static List<byte[]> ReadIntegers(ReadOnlySpan<byte> set)
    {
        const int headerBytes = 8;
        if (set.Length < headerBytes)
            throw RedisFormatProblems.Garbled("a set of integers ends too early");
        var size = BinaryPrimitives.ReadInt32LittleEndian(set);
        List<byte[]> texts = [];
        for (set = set[headerBytes..]; size is 2 or 4 or 8 && set.Length >= size; set = set[size..])
            texts.Add(
                Text(
                    size switch
                    {
                        2 => BinaryPrimitives.ReadInt16LittleEndian(set),
                        4 => BinaryPrimitives.ReadInt32LittleEndian(set),
                        _ => BinaryPrimitives.ReadInt64LittleEndian(set),
                    }
                )
            );
        return texts;
    }

    /// <summary>A packed sorted set has its scores as text, in which a number can be written in several ways.</summary>
    private static List<byte[]> WithScores(List<byte[]> texts)
    {
        for (var at = 1; at < texts.Count; at += 2)
            texts[at] = Score(
                Encoding.ASCII.GetString(texts[at]) switch
                {
                    "inf" => double.PositiveInfinity,
                    "-inf" => double.NegativeInfinity,
                    var written => double.Parse(written, CultureInfo.InvariantCulture),
                }
            );
        return texts;
    }

    private static byte[] Score(double score)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, score == 0 ? 0 : score); // minus zero is zero
        return bytes;
    }

    private static byte[] Text(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sorted by the first of each group of texts.</summary>
    private static IEnumerable<byte[]> Sorted(List<byte[]> texts, int group) =>
        texts
            .Chunk(group)
            .OrderBy(each => each[0], Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .SelectMany(each => each);

    private static string HashOf(IEnumerable<byte[]> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in texts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            hash.AppendData(length);
            hash.AppendData(text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
