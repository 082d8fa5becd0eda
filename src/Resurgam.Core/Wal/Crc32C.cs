using System.Buffers.Binary;
using System.Numerics;

namespace Resurgam.Core.Wal;

/// <summary>CRC-32C (Castagnoli), the checksum of WAL records: the processor's instruction where there is one.</summary>
public static class Crc32C
{
    /// <summary>The state before the first byte.</summary>
    public const uint Start = 0xFFFFFFFF;

    /// <summary>Continues with more bytes; the state is turned into the checksum by <see cref="Finish"/>.</summary>
    public static uint Add(uint state, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            state = BitOperations.Crc32C(state, one);
        return state;
    }

    public static uint Finish(uint state) => ~state;

    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Add(Start, bytes));
}
