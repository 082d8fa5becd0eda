using System.Buffers.Binary;
using System.Text;
using Resurgam.Core.Redis;

namespace Resurgam.Tests.Redis;

/// <summary>Writes RDB files for tests, piece by piece.</summary>
internal sealed class RdbMaker
{
    private readonly MemoryStream _bytes = new();

    public RdbMaker(string header = "REDIS0010") => Raw(Encoding.ASCII.GetBytes(header));

    public RdbMaker Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public RdbMaker Text(string text) => Number(Encoding.UTF8.GetByteCount(text)).Raw(Encoding.UTF8.GetBytes(text));

    public RdbMaker Number(int number)
    {
        var wide = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(wide, number);
        return number switch
        {
            < 1 << 6 => Raw((byte)number),
            < 1 << 14 => Raw((byte)(0x40 | (number >> 8)), unchecked((byte)number)),
            _ => Raw([0x80, .. wide]),
        };
    }

    public RdbMaker Aux(string name, string value) => Raw(0xFA).Text(name).Text(value);

    public RdbMaker Database(int number) => Raw(0xFE).Number(number);

    public RdbMaker Expires(long atMs)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, atMs);
        return Raw([0xFC, .. bytes]);
    }

    public RdbMaker String(string key, string value) => Raw(0).Text(key).Text(value);

    /// <summary>The whole file, with its checksum.</summary>
    public byte[] End(bool hasChecksum = true)
    {
        _bytes.WriteByte(0xFF);
        var bytes = _bytes.ToArray();
        var checksum = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(checksum, hasChecksum ? Crc64.Append(0, bytes) : 0);
        return [.. bytes, .. checksum];
    }
}
