using System.Buffers.Binary;
using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <param name="Xid">The transaction; 0 for one that was prepared before (its number is inside the record).</param>
/// <param name="At">By the server's clock.</param>
/// <param name="End">The position after the record: recovery up to here includes it.</param>
public readonly record struct WalCommit(uint Xid, DateTimeOffset At, Lsn End)
{
    /// <summary>Finds <c>xact_time</c>, the first field of <c>xl_xact_commit</c>, behind the headers of the record's data.</summary>
    /// <param name="body">What follows the record's header, as far as it is at hand.</param>
    internal static DateTimeOffset? TryReadTime(ReadOnlySpan<byte> body)
    {
        for (var at = 0; at < body.Length; )
        {
            switch (body[at])
            {
                case 253: // origin: two bytes
                    at += 3;
                    break;
                case 252: // top-level transaction: four bytes
                    at += 5;
                    break;
                case 255: // main data, length in one byte
                    return Time(body, at + 2);
                case 254: // main data, length in four bytes
                    return Time(body, at + 5);
                default: // a block: no commit has one
                    return null;
            }
        }
        return null;
    }

    private static DateTimeOffset? Time(ReadOnlySpan<byte> body, int at) =>
        at + 8 <= body.Length
            ? PostgresTime.FromMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(body[at..]))
            : null;
}
