using System.Buffers.Binary;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Support;

/// <summary>Writes WAL as a server does: pages, headers, records with checksums. From the beginning of a segment on.</summary>
public sealed class WalMaker
{
    private const ushort Magic = 0xD110; // PostgreSQL 15
    private readonly MemoryStream _bytes = new();
    private readonly int _segmentSizeBytes;
    private Lsn _previous;

    public WalMaker(
        Lsn start,
        int segmentSizeBytes = 1 << 20,
        ulong systemIdentifier = 7_000_000_000_000_000_001,
        uint timeline = 1
    )
    {
        Assert.Equal(0UL, start.Value % (ulong)segmentSizeBytes);
        (Start, _segmentSizeBytes, SystemIdentifier, Timeline) = (start, segmentSizeBytes, systemIdentifier, timeline);
    }

    public Lsn Start { get; }

    public ulong SystemIdentifier { get; }

    public uint Timeline { get; }

    public Lsn End => Start + (ulong)_bytes.Length;

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>The same WAL without what lies before a segment.</summary>
    public WalMaker From(Lsn start)
    {
        var tail = new WalMaker(start, _segmentSizeBytes, SystemIdentifier, Timeline) { _previous = _previous };
        tail._bytes.Write(_bytes.GetBuffer(), (int)(start - Start), (int)(End - start));
        return tail;
    }

    /// <summary>Adds a record of the heap, which nobody looks into.</summary>
    /// <returns>Where it ends.</returns>
    public Lsn AddRecord(int bodyBytes)
    {
        var body = new byte[Math.Max(bodyBytes, 2)];
        for (var i = 0; i < body.Length; i++)
            body[i] = (byte)((End.Value + (ulong)i * 31) & 0xFF);
        return Add(manager: 10, info: 0, xid: 3, body);
    }

    public Lsn AddCommit(uint xid, DateTimeOffset at)
    {
        var body = new byte[2 + 8 + 4];
        body[0] = 255;
        body[1] = 12;
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(2), PostgresTime.ToMicroseconds(at));
        return Add(manager: 1, info: 0, xid, body);
    }

    /// <summary>Ends the segment: a switch record, then zeros.</summary>
    public Lsn AddSwitch()
    {
        Add(manager: 0, info: 0x40, xid: 0, []);
        while (End.Value % (ulong)_segmentSizeBytes != 0)
            _bytes.WriteByte(0);
        return End;
    }

    private Lsn Add(byte manager, byte info, uint xid, byte[] body)
    {
        while (End.Value % 8 != 0)
            _bytes.WriteByte(0);
        var record = new byte[24 + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), xid);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(8), _previous.Value);
        record[16] = info;
        record[17] = manager;
        body.CopyTo(record.AsSpan(24));
        var checksum = Crc32C.Append(Crc32C.Append(0, body), record.AsSpan(0, 20));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(20), checksum);
        for (var at = 0; at < record.Length; )
        {
            AddPageHeader(rest: at == 0 ? 0 : record.Length - at);
            if (at == 0)
                _previous = End;
            var count = Math.Min(record.Length - at, WalScanner.PageBytes - (int)(End.Value % WalScanner.PageBytes));
            _bytes.Write(record, at, count);
            at += count;
        }
        while (End.Value % 8 != 0)
            _bytes.WriteByte(0);
        return End;
    }

    private void AddPageHeader(int rest)
    {
        if (End.Value % WalScanner.PageBytes != 0)
            return;
        var isLong = End.Value % (ulong)_segmentSizeBytes == 0;
        var header = new byte[isLong ? 40 : 24];
        BinaryPrimitives.WriteUInt16LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)((rest > 0 ? 1 : 0) | (isLong ? 2 : 0)));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), Timeline);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), End.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), (uint)rest);
        if (isLong)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), SystemIdentifier);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(32), (uint)_segmentSizeBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(36), WalScanner.PageBytes);
        }
        _bytes.Write(header);
    }
}
