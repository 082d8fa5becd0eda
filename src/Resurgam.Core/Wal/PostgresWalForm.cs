using System.Buffers.Binary;

namespace Resurgam.Core.Wal;

/// <summary>WAL as PostgreSQL writes it.</summary>
public sealed class PostgresWalForm : IWalForm
{
    private const int LongHeaderFlag = 2;

    public static readonly PostgresWalForm Instance = new();

    private PostgresWalForm() { }

    /// <summary>A page header that names the cluster: XLogLongPageHeaderData, the first of each segment.</summary>
    public int HeadBytes => 40;

    public WalIdentity? FindIdentity(ReadOnlySpan<byte> head)
    {
        var isLong = (BinaryPrimitives.ReadUInt16LittleEndian(head[2..]) & LongHeaderFlag) != 0;
        var sizeBytes = BinaryPrimitives.ReadUInt32LittleEndian(head[32..]);
        return isLong && WalSegment.IsSize(sizeBytes)
            ? new WalIdentity(BinaryPrimitives.ReadUInt64LittleEndian(head[24..]), (int)sizeBytes)
            : null;
    }

    /// <remarks>A page of another timeline has another address, so the timeline itself is not looked at.</remarks>
    public IWalScanner NewScanner(int segmentSizeBytes, uint? timeline) => new WalScanner(segmentSizeBytes);
}
