using System.Buffers.Binary;
using System.Text;

namespace Resurgam.Adapters.Dns.Wire;

/// <summary>A message of the DNS that was read.</summary>
/// <remarks>RFC 1035, section 4.1.</remarks>
internal sealed record DnsMessage
{
    private const int HeaderLength = 12;

    /// <summary>A name has at most so many labels; more jumps than that are a circle.</summary>
    private const int MostLabels = 128;

    public required ushort Id { get; init; }

    public required bool IsAnswer { get; init; }

    /// <summary>RCODE: 0 is well.</summary>
    public required int Code { get; init; }

    /// <summary>Of an update: what must hold.</summary>
    public required IReadOnlyList<DnsRecord> Answers { get; init; }

    /// <summary>Of an update: what is changed.</summary>
    public required IReadOnlyList<DnsRecord> Authority { get; init; }

    public required IReadOnlyList<DnsRecord> Additional { get; init; }

    /// <returns>Null when it is none.</returns>
    public static DnsMessage? TryRead(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or FormatException)
        {
            return null; // cut, or lengths that lie
        }
    }

    private static DnsMessage Read(ReadOnlySpan<byte> bytes)
    {
        var flags = At(bytes, 2);
        var at = HeaderLength;
        for (var question = 0; question < At(bytes, 4); question++)
        {
            (_, at) = ReadName(bytes, at);
            at += 4;
        }
        List<DnsRecord>[] sections =
        [
            [],
            [],
            [],
        ];
        for (var section = 0; section < sections.Length; section++)
        for (var record = 0; record < At(bytes, 6 + (2 * section)); record++)
        {
            var read = ReadRecord(bytes, at);
            sections[section].Add(read);
            at = read.EndOffset;
        }
        return new DnsMessage
        {
            Id = At(bytes, 0),
            IsAnswer = (flags & 0x8000) != 0,
            Code = flags & 0xF,
            Answers = sections[0],
            Authority = sections[1],
            Additional = sections[2],
        };
    }

    private static DnsRecord ReadRecord(ReadOnlySpan<byte> bytes, int start)
    {
        var (name, at) = ReadName(bytes, start);
        var (type, length) = (At(bytes, at), At(bytes, at + 8));
        var data = bytes.Slice(at + 10, length);
        // Only in these a name may be short for another place of the message, and only these are asked for.
        var whole =
            type is DnsRecord.Cname or DnsRecord.Ns && length > 0
                ? new DnsWriter().Name(ReadName(bytes, at + 10).Name).ToBytes()
                : data.ToArray();
        return new DnsRecord
        {
            Name = name,
            Type = type,
            Class = At(bytes, at + 2),
            Ttl = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]),
            Data = whole,
            StartOffset = start,
            EndOffset = at + 10 + length,
        };
    }

    /// <returns>The name with its last dot, in small letters, and where what comes behind it begins.</returns>
    internal static (string Name, int Behind) ReadName(ReadOnlySpan<byte> bytes, int start)
    {
        StringBuilder name = new();
        var (at, behind) = (start, -1);
        for (var label = 0; label < MostLabels; label++)
        {
            var length = bytes[at];
            if (length == 0)
                return (name.Length == 0 ? "." : name.ToString(), behind < 0 ? at + 1 : behind);
            if ((length & 0xC0) == 0xC0)
            {
                if (behind < 0)
                    behind = at + 2;
                at = At(bytes, at) & 0x3FFF;
                continue;
            }
            if (length > 63)
                throw new FormatException("a label of a kind that nobody has");
            name.Append(Encoding.ASCII.GetString(bytes.Slice(at + 1, length)).ToLowerInvariant()).Append('.');
            at += 1 + length;
        }
        throw new FormatException("a name without an end");
    }

    private static ushort At(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}

/// <summary>One record of a message.</summary>
internal sealed record DnsRecord
{
    public const ushort Ns = 2;
    public const ushort Cname = 5;
    public const ushort Tsig = 250;

    public required string Name { get; init; }

    public required ushort Type { get; init; }

    public required ushort Class { get; init; }

    public required uint Ttl { get; init; }

    /// <summary>Names in it are whole.</summary>
    public required byte[] Data { get; init; }

    /// <summary>In the message.</summary>
    public required int StartOffset { get; init; }

    public required int EndOffset { get; init; }
}
