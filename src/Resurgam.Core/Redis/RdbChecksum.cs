using System.Buffers.Binary;

namespace Resurgam.Core.Redis;

/// <summary>Follows a file whose last eight bytes are the CRC-64 of all before, and whose length nobody knows beforehand.</summary>
internal sealed class RdbChecksum
{
    private const int SizeBytes = 8;

    private readonly byte[] _tail = new byte[2 * SizeBytes];
    private int _tailBytes;

    /// <summary>Of all but the last eight bytes.</summary>
    public ulong Computed { get; private set; }

    /// <summary>The last eight bytes; null when there are fewer.</summary>
    public ulong? Written => _tailBytes < SizeBytes ? null : BinaryPrimitives.ReadUInt64LittleEndian(_tail);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= SizeBytes)
        {
            Computed = Crc64.Append(Crc64.Append(Computed, _tail.AsSpan(0, _tailBytes)), bytes[..^SizeBytes]);
            bytes[^SizeBytes..].CopyTo(_tail);
            _tailBytes = SizeBytes;
            return;
        }
        bytes.CopyTo(_tail.AsSpan(_tailBytes));
        var all = _tailBytes + bytes.Length;
        var settled = Math.Max(0, all - SizeBytes);
        Computed = Crc64.Append(Computed, _tail.AsSpan(0, settled));
        _tail.AsSpan(settled, all - settled).CopyTo(_tail);
        _tailBytes = all - settled;
    }
}
