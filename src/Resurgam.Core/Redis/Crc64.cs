using System.Buffers.Binary;

namespace Resurgam.Core.Redis;

/// <summary>The checksum at the end of an RDB file: CRC-64 "Jones", reflected, without inversions (Redis, <c>crc64.c</c>).</summary>
/// <remarks>Eight bytes at a time by Kounavis and Berry, "A systematic approach to building high performance software-based CRC generators" (2005).</remarks>
public static class Crc64
{
    private const ulong Polynomial = 0x95AC9329AC4BC9B5; // 0xAD93D23594C935A9, its bits in reverse

    private static readonly ulong[] Tables = MakeTables();

    /// <param name="crc">Of all bytes before; 0 at the beginning.</param>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            ReadOnlySpan<ulong> tables = Tables;
            for (; bytes.Length >= 8; bytes = bytes[8..])
            {
                crc ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                crc =
                    tables[(7 << 8) + (byte)crc]
                    ^ tables[(6 << 8) + (byte)(crc >> 8)]
                    ^ tables[(5 << 8) + (byte)(crc >> 16)]
                    ^ tables[(4 << 8) + (byte)(crc >> 24)]
                    ^ tables[(3 << 8) + (byte)(crc >> 32)]
                    ^ tables[(2 << 8) + (byte)(crc >> 40)]
                    ^ tables[(1 << 8) + (byte)(crc >> 48)]
                    ^ tables[(int)(crc >> 56)];
            }
            foreach (var value in bytes)
                crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
            return crc;
        }
    }

    private static ulong[] MakeTables()
    {
        var tables = new ulong[8 << 8];
        for (var value = 0; value < 256; value++)
        {
            var crc = (ulong)value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            tables[value] = crc;
        }
        for (var at = 256; at < tables.Length; at++)
            tables[at] = tables[unchecked((byte)tables[at - 256])] ^ (tables[at - 256] >> 8);
        return tables;
    }
}
