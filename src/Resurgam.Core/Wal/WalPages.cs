using System.Buffers.Binary;
using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>The pages that a WAL segment is made of, without reading its records.</summary>
/// <remarks>Source: PostgreSQL, <c>src/include/access/xlog_internal.h</c>, XLogPageHeaderData.</remarks>
public static class WalPages
{
    public const int PageBytes = 8192;
    private const int HeaderBytes = 24;
    private const int FlagsOffset = 2;
    private const int AddressOffset = 8;
    private const int ContinuesFlag = 1;

    /// <summary>
    /// Makes zeros of pages that hold no WAL: those left over from the segment that the file was before, and those that
    /// a segment switch filled up. Replay reads neither, and zeros are stored once.
    /// </summary>
    /// <remarks>A page without a record has a header and zeros, and does not go on with a record from the page before.</remarks>
    /// <param name="bytes">Whole pages.</param>
    /// <param name="start">Position of the first of them.</param>
    /// <param name="segmentBytes">A segment's first page is left as it is: tools read the cluster's identity there.</param>
    public static void ClearUnused(Span<byte> bytes, Lsn start, int segmentBytes)
    {
        for (; bytes.Length >= PageBytes; bytes = bytes[PageBytes..], start += PageBytes)
        {
            var page = bytes[..PageBytes];
            if (start.Value % (ulong)segmentBytes != 0 && IsUnused(page, start))
                page.Clear();
        }
    }

    private static bool IsUnused(ReadOnlySpan<byte> page, Lsn start)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(page[AddressOffset..]) != start.Value)
            return true;
        var continues = (BinaryPrimitives.ReadUInt16LittleEndian(page[FlagsOffset..]) & ContinuesFlag) != 0;
        return !continues && !page[HeaderBytes..].ContainsAnyExcept((byte)0);
    }
}
