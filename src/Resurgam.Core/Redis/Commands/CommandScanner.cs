using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Redis.Commands;

/// <summary>Follows frames as their bytes come and tells where the last whole one ends. Constant memory.</summary>
/// <param name="timeline">Frames of another one do not count: a file is used again. Null: all do.</param>
public sealed class CommandScanner(uint? timeline) : IWalScanner
{
    private readonly byte[] _header = new byte[CommandFrame.HeaderBytes];
    private Lsn? _at;
    private int _have;
    private CommandFrame? _frame;
    private uint _checksum;
    private bool _isBroken;

    public Lsn? End { get; private set; }

    /// <summary>The server's count at <see cref="End"/>; null before the first frame.</summary>
    public long? EndOffset { get; private set; }

    public DateTimeOffset? LastAt { get; private set; }

    public Lsn? WholeEnd => End;

    public bool BeganInsideRecord => false;

    public void Add(Lsn start, ReadOnlySpan<byte> bytes)
    {
        if (_at != start)
        {
            (_have, _frame, _isBroken) = (0, null, false);
            (End, EndOffset) = (null, null);
        }
        _at = start + (ulong)bytes.Length;
        while (!bytes.IsEmpty && !_isBroken)
        {
            var count = _frame is null ? TakeHeader(start, bytes) : TakeContent(_frame, bytes);
            start += (ulong)count;
            bytes = bytes[count..];
        }
    }

    private int TakeHeader(Lsn at, ReadOnlySpan<byte> bytes)
    {
        var inSegment = (int)(at.Value % CommandFrame.SegmentBytes);
        if (_have == 0 && CommandFrame.SegmentBytes - inSegment < CommandFrame.HeaderBytes)
            return TakeRest(at, bytes, CommandFrame.SegmentBytes - inSegment);
        var count = Math.Min(CommandFrame.HeaderBytes - _have, bytes.Length);
        bytes[..count].CopyTo(_header.AsSpan(_have));
        _have += count;
        if (_have < CommandFrame.HeaderBytes)
            return count;
        _have = 0;
        var position = new Lsn(at.Value + (ulong)count - CommandFrame.HeaderBytes);
        if (
            CommandFrame.TryRead(_header) is { } frame
            && frame.Position == position
            && (timeline is null || frame.Timeline == timeline)
        )
        {
            (_frame, _checksum) = (frame, CommandFrame.BeginChecksum(_header));
            if (frame.LengthBytes == 0)
                Close(frame);
        }
        else
        {
            _isBroken = true;
        }
        return count;
    }

    /// <summary>Too few bytes for a frame are left in the segment: they mean nothing.</summary>
    private int TakeRest(Lsn at, ReadOnlySpan<byte> bytes, int leftBytes)
    {
        if (End is not null && bytes.Length >= leftBytes)
            End = at + (ulong)leftBytes;
        return Math.Min(leftBytes, bytes.Length);
    }

    private int TakeContent(CommandFrame frame, ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(frame.LengthBytes - _have, bytes.Length);
        _checksum = Crc32C.Append(_checksum, bytes[..count]);
        _have += count;
        if (_have == frame.LengthBytes)
            Close(frame);
        return count;
    }

    private void Close(CommandFrame frame)
    {
        (_have, _frame) = (0, null);
        if (frame.Checksum != _checksum)
        {
            _isBroken = true;
            return;
        }
        (End, EndOffset, LastAt) = (frame.End, frame.EndOffset, frame.At);
    }
}
