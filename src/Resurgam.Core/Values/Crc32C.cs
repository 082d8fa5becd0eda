namespace Resurgam.Core.Values;

public static class Crc32C
{
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes) => ~Wal.Crc32C.Add(~crc, bytes);
}
