using System.Buffers.Binary;
using System.Text;

namespace Resurgam.Adapters.Dns.Wire;

/// <summary>Writes a message of the DNS, without compressing names.</summary>
/// <remarks>RFC 1035, section 4.1.</remarks>
internal sealed class DnsWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] ToBytes() => [.. _bytes];

    public DnsWriter Number16(int number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        _bytes.AddRange(bytes);
        return this;
    }

    public DnsWriter Number32(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        _bytes.AddRange(bytes);
        return this;
    }

    public DnsWriter Number48(long number) => Number16((int)(number >> 32)).Number32((uint)(number & 0xFFFF_FFFF));

    public DnsWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <param name="name">Of ASCII, with or without its last dot; its letters become small.</param>
    public DnsWriter Name(string name)
    {
        foreach (var label in name.ToLowerInvariant().Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            _bytes.Add((byte)label.Length);
            _bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }
        _bytes.Add(0);
        return this;
    }

    public DnsWriter Record(string name, ushort type, ushort @class, uint ttl, ReadOnlySpan<byte> data) =>
        Name(name).Number16(type).Number16(@class).Number32(ttl).Number16(data.Length).Bytes(data);
}
