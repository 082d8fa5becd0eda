using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>Writes a command stream into the spool: frames with their place and their time, never across segments. Thread-safe.</summary>
internal sealed class CommandJournal(WalSpool spool)
{
    /// <summary>Bounds the memory of a frame; what arrives at once is smaller as a rule.</summary>
    public const int MaxContentBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly byte[] _buffer = new byte[CommandFrame.HeaderBytes + MaxContentBytes];
    private uint _timeline;
    private long _writtenOffset;
    private long _durableOffset;
    private DateTimeOffset _lastAt;

    /// <summary>The beginning of the timeline that is written; null before the first.</summary>
    public StreamLink? Link { get; private set; }

    public uint Timeline => _timeline;

    /// <summary>Up to here it is synced, in the server's count.</summary>
    public long DurableOffset
    {
        get
        {
            lock (_gate)
                return _durableOffset;
        }
    }

    public long WrittenOffset
    {
        get
        {
            lock (_gate)
                return _writtenOffset;
        }
    }

    /// <summary>When the last frame was received.</summary>
    public DateTimeOffset LastAt
    {
        get
        {
            lock (_gate)
                return _lastAt;
        }
    }

    /// <summary>Where to go on; null when nothing was received yet.</summary>
    public ReplicationPoint? Point => Link is { } link ? new ReplicationPoint(link.ReplicationId, DurableOffset) : null;

    /// <summary>Finds the end of what an earlier process left.</summary>
    public void Recover()
    {
        if (spool.Position is not { } position || FindLink(position.Timeline) is not { } link)
            return;
        CommandScanner scanner = new(position.Timeline);
        if (position.Durable.Value > link.Position)
        {
            var segment = WalSegment.At(
                position.Timeline,
                new Lsn(position.Durable.Value - 1),
                CommandFrame.SegmentBytes
            );
            var bytes = new byte[(int)(position.Durable - segment.Start)];
            spool.Read(segment, segment.Start, bytes);
            scanner.Add(segment.Start, bytes);
        }
        var offset = scanner.EndOffset ?? link.Offset;
        (_timeline, Link) = (position.Timeline, link);
        (_writtenOffset, _durableOffset, _lastAt) = (offset, offset, scanner.LastAt ?? link.BeganAt);
    }

    /// <summary>Begins a timeline, with nothing in it yet.</summary>
    public void Begin(uint timeline, StreamLink link)
    {
        lock (_gate)
        {
            spool.Expect(CommandForm.Identity);
            spool.PutHistory(timeline, link.Write());
            spool.BeginAt(timeline, new Lsn(link.Position));
            (_timeline, Link) = (timeline, link);
            (_writtenOffset, _durableOffset, _lastAt) = (link.Offset, link.Offset, link.BeganAt);
            Mark(link.BeganAt);
        }
    }

    /// <summary>Goes on behind what is durable: bytes that were written and not synced come again.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            spool.Expect(CommandForm.Identity);
            spool.BeginAt(_timeline, spool.Here.Durable);
            _writtenOffset = _durableOffset;
        }
    }

    /// <summary>Hands bytes that follow the ones before to the operating system.</summary>
    /// <exception cref="ResurgamException">The disk is full or fails.</exception>
    public void Write(ReadOnlySpan<byte> bytes, DateTimeOffset at)
    {
        lock (_gate)
        {
            while (!bytes.IsEmpty)
            {
                var room = MakeRoom(at);
                var count = Math.Min(Math.Min(bytes.Length, MaxContentBytes), room);
                Put(CommandFrameKind.Commands, bytes[..count], at);
                _writtenOffset += count;
                bytes = bytes[count..];
            }
            _lastAt = at;
        }
    }

    /// <summary>Notes that nothing more had come by this time, and syncs.</summary>
    public void Mark(DateTimeOffset at)
    {
        lock (_gate)
        {
            MakeRoom(at);
            Put(CommandFrameKind.Mark, [], at);
            _lastAt = at;
            Sync();
        }
    }

    /// <summary>Makes durable what was written.</summary>
    /// <returns>The server's count up to which it is.</returns>
    public long Sync()
    {
        lock (_gate)
        {
            spool.Sync();
            return _durableOffset = _writtenOffset;
        }
    }

    private StreamLink? FindLink(uint timeline) =>
        spool.Histories().FirstOrDefault(history => history.Timeline == timeline).Content is { } json
            ? StreamLink.Read(timeline, json)
            : null;

    /// <returns>The most content that the segment has room for: at least one byte.</returns>
    private int MakeRoom(DateTimeOffset at)
    {
        var inSegment = (int)(spool.Here.Written.Value % CommandFrame.SegmentBytes);
        var left = CommandFrame.SegmentBytes - inSegment;
        if (inSegment > 0 && left <= CommandFrame.HeaderBytes)
        {
            FillUp(left, at);
            (inSegment, left) = (0, CommandFrame.SegmentBytes);
        }
        if (inSegment > 0)
            return left - CommandFrame.HeaderBytes;
        var id = Link is { } link ? CommandFrame.HeadOf(link.ReplicationId) : [];
        Put(CommandFrameKind.Head, id, at);
        return left - id.Length - 2 * CommandFrame.HeaderBytes;
    }

    private void FillUp(int leftBytes, DateTimeOffset at)
    {
        if (leftBytes == CommandFrame.HeaderBytes)
            Put(CommandFrameKind.Mark, [], at);
        else
            spool.Write(spool.Here.Written, new byte[leftBytes]);
    }

    private void Put(CommandFrameKind kind, ReadOnlySpan<byte> content, DateTimeOffset at)
    {
        var position = spool.Here.Written;
        var length = CommandFrame.Write(kind, _timeline, position, _writtenOffset, at, content, _buffer);
        spool.Write(position, _buffer.AsSpan(0, length));
    }
}
