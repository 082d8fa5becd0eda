using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Resurgam.Core.Redis;

/// <summary>A length as RDB files have it, or the word that a text of another form follows.</summary>
/// <param name="SizeBytes">Bytes that it takes.</param>
/// <param name="Form">Null: <paramref name="Value"/> is the length.</param>
internal readonly record struct RdbNumber(ulong Value, int SizeBytes, RdbTextForm? Form)
{
    /// <summary>Bytes of the number that begins with this one.</summary>
    public static int SizeOf(byte first) =>
        (first >> 6, first) switch
        {
            (1, _) => 2,
            (2, 0x80) => 5,
            (2, 0x81) => 9,
            (2, _) => throw RedisFormatProblems.Garbled($"a length begins with 0x{first:X2}"),
            _ => 1,
        };

    /// <param name="bytes">As many as <see cref="SizeOf"/> says.</param>
    public static RdbNumber Read(ReadOnlySpan<byte> bytes) =>
        (bytes[0] >> 6, bytes.Length) switch
        {
            (0, _) => new RdbNumber((ulong)(bytes[0] & 0x3F), 1, null),
            (1, _) => new RdbNumber((ulong)(((bytes[0] & 0x3F) << 8) | bytes[1]), 2, null),
            (2, 5) => new RdbNumber(BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]), 5, null),
            (2, _) => new RdbNumber(BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]), 9, null),
            _ => new RdbNumber(0, 1, FormOf(bytes[0])),
        };

    private static RdbTextForm FormOf(byte first) =>
        (first & 0x3F) switch
        {
            0 => RdbTextForm.Int8,
            1 => RdbTextForm.Int16,
            2 => RdbTextForm.Int32,
            3 => RdbTextForm.Compressed,
            _ => throw RedisFormatProblems.Garbled($"a text begins with 0x{first:X2}"),
        };
}

/// <summary>How a text is written that is not its plain bytes.</summary>
internal enum RdbTextForm
{
    Int8,
    Int16,
    Int32,
    Compressed,
}

/// <summary>Reads the pieces of one value that is wholly in memory.</summary>
internal ref struct RdbValueReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw RedisFormatProblems.Garbled("a value ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>A number in the form of lengths, whatever it counts.</summary>
    public ulong ReadAmount() =>
        ReadNumber() is { Form: null, Value: var amount }
            ? amount
            : throw RedisFormatProblems.Garbled("a count is none");

    public int ReadCount() =>
        ReadNumber() is { Form: null, Value: <= int.MaxValue and var count }
            ? (int)count
            : throw RedisFormatProblems.Garbled("a count is none");

    /// <summary>As the client that wrote it had it: numbers as digits, compressed texts unpacked.</summary>
    public byte[] ReadText()
    {
        var number = ReadNumber();
        if (number is { Form: null, Value: > int.MaxValue })
            throw RedisFormatProblems.Garbled("a text is too long");
        if (number.Form is not { } form)
            return Take((int)number.Value).ToArray();
        return form switch
        {
            RdbTextForm.Int8 => Digits(unchecked((sbyte)Take(1)[0])),
            RdbTextForm.Int16 => Digits(BinaryPrimitives.ReadInt16LittleEndian(Take(2))),
            RdbTextForm.Int32 => Digits(BinaryPrimitives.ReadInt32LittleEndian(Take(4))),
            RdbTextForm.Compressed => ReadCompressed(),
        };
    }

    private RdbNumber ReadNumber() =>
        _rest.IsEmpty
            ? throw RedisFormatProblems.Garbled("a value ends too early")
            : RdbNumber.Read(Take(RdbNumber.SizeOf(_rest[0])));

    private byte[] ReadCompressed()
    {
        var packed = ReadCount();
        var plain = ReadCount();
        return Lzf.Unpack(Take(packed), plain);
    }

    private static byte[] Digits(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
