using System.Buffers.Binary;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;

namespace Resurgam.Core.Wal;

/// <summary>Follows WAL from record to record as it comes: checks each one and notes the newest commit.</summary>
/// <remarks>
/// Constant memory: of a record only its head is kept, the rest goes into its checksum. It may begin anywhere; until the
/// next page header it knows nothing. Source: PostgreSQL 14 to 18, <c>src/include/access/xlog_internal.h</c>
/// (XLogPageHeaderData), <c>xlogrecord.h</c> (XLogRecord), <c>xact.h</c> (xl_xact_commit), and XLogReadRecord. Pages are
/// taken to be 8 KiB, which only a server built in another way contradicts.
/// </remarks>
public sealed class WalScanner(int segmentSizeBytes) : IWalScanner
{
    public const int PageBytes = 8192;
    private const int ShortHeaderBytes = 24;
    private const int LongHeaderBytes = 40;
    private const int RecordHeaderBytes = 24;
    private const int LeadBytes = 64;
    private const int ContinuesFlag = 1;
    private const int OverwritesFlag = 8;

    private readonly byte[] _page = new byte[LongHeaderBytes];
    private readonly byte[] _head = new byte[RecordHeaderBytes];
    private readonly byte[] _lead = new byte[LeadBytes];
    private Lsn? _at;
    private State _state = State.Lost;

    /// <summary>How much of the current record is behind us, and how long it is (0 while that is not known).</summary>
    private (uint Have, uint Total) _record;
    private uint _checksum;
    private Lsn _recordStart;
    private Lsn? _previousStart;
    private Lsn _skipUntil;

    /// <summary>Where the rest of a page header is to come.</summary>
    private Lsn? _headerFrom;
    private bool _isBroken;

    private enum State
    {
        /// <summary>Waits for the beginning of a page.</summary>
        Lost,

        /// <summary>Between records, or inside one.</summary>
        Record,

        /// <summary>Inside the rest of a record whose beginning was not seen.</summary>
        Rest,

        /// <summary>On the way to <see cref="_skipUntil"/>: alignment, or what follows a segment switch.</summary>
        Skip,
    }

    /// <summary>The cluster, once the first page of a segment was seen.</summary>
    public ulong? SystemIdentifier { get; private set; }

    /// <summary>The end of the last whole record of the unbroken run since the beginning; null before the first.</summary>
    public Lsn? End { get; private set; }

    /// <summary>The first record does not begin where we began: its end was taken on trust.</summary>
    public bool BeganInsideRecord { get; private set; }

    /// <summary>The newest commit among the whole records; null before the first.</summary>
    public WalCommit? LastCommit { get; private set; }

    public Lsn? WholeEnd => End;

    public DateTimeOffset? LastAt => LastCommit?.At;

    /// <summary>The first thing that was not as it has to be; null while all is well.</summary>
    public WalDamage? Damage { get; private set; }

    /// <summary>Something else than a whole record came since the beginning: the WAL ends at <see cref="End"/>.</summary>
    public bool HasEnded => _isBroken;

    /// <summary>Called for each commit in the order of the WAL.</summary>
    public Action<WalCommit>? Committed { get; init; }

    /// <summary>Takes the next bytes. When they do not follow the ones before, everything but the commit is forgotten.</summary>
    public void Add(Lsn start, ReadOnlySpan<byte> bytes)
    {
        if (_at != start)
            Begin(start);
        while (!bytes.IsEmpty)
        {
            var count = Step(start, bytes);
            start += (ulong)count;
            _at = start;
            bytes = bytes[count..];
        }
    }

    private void Begin(Lsn at)
    {
        _at = at;
        _state = State.Lost;
        _record = default;
        _previousStart = null;
        _headerFrom = null;
        _isBroken = false;
        End = null;
        BeganInsideRecord = at.Value % PageBytes != 0;
    }

    /// <returns>How many bytes were used: at least one.</returns>
    private int Step(Lsn at, ReadOnlySpan<byte> bytes)
    {
        if (_state == State.Skip)
        {
            if (at < _skipUntil)
                return (int)Math.Min(_skipUntil - at, (ulong)bytes.Length);
            _state = State.Record;
        }
        var inPage = (int)(at.Value % PageBytes);
        if (_state == State.Lost && inPage != 0 && !IsInHeader(at, inPage))
            return Math.Min(PageBytes - inPage, bytes.Length);
        if (IsInHeader(at, inPage))
            return TakePageHeader(at, inPage, bytes);

        bytes = bytes[..Math.Min(PageBytes - inPage, bytes.Length)];
        return _state switch
        {
            State.Rest => TakeRest(at, bytes),
            State.Record when _record.Have < RecordHeaderBytes => TakeHead(at, bytes),
            State.Record => TakeBody(at, bytes),
            State.Lost or State.Skip => bytes.Length,
        };
    }

    /// <summary>A header that was entered in its middle is no header to us: the page is passed over.</summary>
    private bool IsInHeader(Lsn at, int inPage) =>
        inPage < HeaderLength(at, inPage) && (inPage == 0 || _headerFrom == at);

    private int HeaderLength(Lsn at, int inPage) =>
        (at.Value - (ulong)inPage) % (ulong)segmentSizeBytes == 0 ? LongHeaderBytes : ShortHeaderBytes;

    private int TakePageHeader(Lsn at, int inPage, ReadOnlySpan<byte> bytes)
    {
        var length = HeaderLength(at, inPage);
        var count = Math.Min(length - inPage, bytes.Length);
        bytes[..count].CopyTo(_page.AsSpan(inPage));
        _headerFrom = at + (ulong)count;
        if (inPage + count < length)
            return count;
        _headerFrom = null;
        OpenPage(new Lsn(at.Value - (ulong)inPage), length == LongHeaderBytes);
        return count;
    }

    private void OpenPage(Lsn page, bool isLong)
    {
        var header = _page.AsSpan();
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        var address = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        var rest = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(header) == 0)
        {
            Break(); // an empty page: the WAL ends here
            return;
        }
        if (address != page.Value)
        {
            Report(page, $"the page says that it is {new Lsn(address)}");
            return;
        }
        if (isLong)
            SystemIdentifier = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);

        var continues = (flags & ContinuesFlag) != 0;
        var isInside = _state == State.Rest || (_state == State.Record && _record.Have > 0);
        if (_state == State.Lost || (flags & OverwritesFlag) != 0)
            BeginOnPage(continues ? rest : 0);
        else if (continues != isInside || (continues && rest != _record.Total - _record.Have))
            Report(
                page,
                continues ? $"{rest} bytes of a record continue that did not begin" : "a record does not continue"
            );
    }

    /// <summary>The first page of a run, or one where PostgreSQL itself gave up the record before (XLP_FIRST_IS_OVERWRITE_CONTRECORD).</summary>
    private void BeginOnPage(uint rest)
    {
        _record = (0, rest);
        _previousStart = null;
        _state = rest > 0 ? State.Rest : State.Record;
        BeganInsideRecord |= rest > 0 && End is null;
    }

    private int TakeRest(Lsn at, ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(_record.Total - _record.Have, (uint)bytes.Length);
        _record.Have += (uint)count;
        if (_record.Have == _record.Total)
            EndRecord(at + (ulong)count, previousStart: null);
        return count;
    }

    private int TakeHead(Lsn at, ReadOnlySpan<byte> bytes)
    {
        if (_record.Have == 0)
            _recordStart = at;
        var count = Math.Min(RecordHeaderBytes - (int)_record.Have, bytes.Length);
        bytes[..count].CopyTo(_head.AsSpan((int)_record.Have));
        _record.Have += (uint)count;
        // The length is never cut by a page's end, since records are aligned to 8 bytes, but it may be by the stream's.
        if (_record.Have < sizeof(uint))
            return count;
        _record.Total = BinaryPrimitives.ReadUInt32LittleEndian(_head);
        if (_record.Total == 0)
            Break();
        else if (_record.Total < RecordHeaderBytes)
            Report(_recordStart, $"the record at {_recordStart} is {_record.Total} bytes long");
        else if (_record.Have == RecordHeaderBytes)
            OpenRecord(at + (ulong)count);
        return count;
    }

    private void OpenRecord(Lsn at)
    {
        var previous = new Lsn(BinaryPrimitives.ReadUInt64LittleEndian(_head.AsSpan(8)));
        if (_previousStart is { } known && previous != known)
        {
            Report(_recordStart, $"the record at {_recordStart} follows {previous}, not {known}");
            return;
        }
        _checksum = 0;
        if (_record.Total == RecordHeaderBytes)
            CloseRecord(at);
    }

    private int TakeBody(Lsn at, ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(_record.Total - _record.Have, (uint)bytes.Length);
        var inBody = (int)_record.Have - RecordHeaderBytes;
        if (inBody < LeadBytes)
            bytes[..Math.Min(count, LeadBytes - inBody)].CopyTo(_lead.AsSpan(inBody));
        _checksum = Crc32C.Append(_checksum, bytes[..count]);
        _record.Have += (uint)count;
        if (_record.Have == _record.Total)
            CloseRecord(at + (ulong)count);
        return count;
    }

    private void CloseRecord(Lsn end)
    {
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(_head.AsSpan(20));
        if (Crc32C.Append(_checksum, _head.AsSpan(0, 20)) != stored)
        {
            Report(_recordStart, $"the record at {_recordStart} does not match its checksum");
            return;
        }
        var bodyBytes = (int)Math.Min(_record.Total - RecordHeaderBytes, LeadBytes);
        var (manager, operation) = (_head[17], _head[16] & 0xF0);
        EndRecord(end, _recordStart);
        if (manager == 0 && operation == 0x40) // XLOG_SWITCH: the rest of the segment is empty
            _skipUntil = WalSegment.At(1, new Lsn(end.Value - 1), segmentSizeBytes).End;
        if (
            manager == 1
            && (operation & 0x70) is 0x00 or 0x30
            && WalCommit.TryReadTime(_lead.AsSpan(0, bodyBytes)) is { } at
        )
        {
            LastCommit = new WalCommit(BinaryPrimitives.ReadUInt32LittleEndian(_head.AsSpan(4)), at, Aligned(end));
            Committed?.Invoke(LastCommit.Value);
        }
    }

    private void EndRecord(Lsn end, Lsn? previousStart)
    {
        _previousStart = previousStart;
        _record = default;
        _state = State.Skip;
        _skipUntil = Aligned(end);
        if (!_isBroken)
            End = _skipUntil;
    }

    private static Lsn Aligned(Lsn lsn) => new((lsn.Value + 7) & ~7UL);

    private void Report(Lsn at, string what)
    {
        Damage ??= new WalDamage(at, what);
        Break();
    }

    private void Break()
    {
        _isBroken = true;
        _state = State.Lost;
        _record = default;
    }
}

/// <summary>Something in the WAL that PostgreSQL's recovery would stop at.</summary>
public sealed record WalDamage(Lsn At, string What);
