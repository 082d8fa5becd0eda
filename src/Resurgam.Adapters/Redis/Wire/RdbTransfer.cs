using System.Globalization;
using System.Text;

namespace Resurgam.Adapters.Redis.Wire;

/// <param name="Id">The history.</param>
/// <param name="Offset">Bytes of commands since it began.</param>
public sealed record ReplicationPoint(string Id, long Offset);

/// <summary>
/// All data of a server as it sends them to a replica: from a file, whose length it says first, or straight from memory,
/// with a mark of forty characters at the end.
/// </summary>
public sealed class RdbTransfer
{
    private const int MarkBytes = 40;
    private const int BufferBytes = 256 << 10;
    private const string MarkWord = "$EOF:";

    private readonly RespReader _reader;
    private readonly string _server;
    private readonly byte[]? _mark;
    private readonly byte[] _buffer = [];
    private int _start;
    private int _settled;
    private int _end;
    private long _left;
    private long _received;
    private bool _isAtEnd;

    private RdbTransfer(RespReader reader, string server, ReplicationPoint point, long lengthBytes, byte[]? mark)
    {
        (_reader, _server, Point, _left, _mark) = (reader, server, point, lengthBytes, mark);
        if (mark is null)
            LengthBytes = lengthBytes;
        else
            _buffer = new byte[BufferBytes];
    }

    public ReplicationPoint Point { get; }

    /// <summary>Null: the server does not know it beforehand.</summary>
    public long? LengthBytes { get; }

    /// <summary>What came behind the end: the beginning of the command stream.</summary>
    public ReadOnlyMemory<byte> Rest =>
        _isAtEnd ? _buffer.AsMemory((_settled + MarkBytes)..Math.Max(_settled + MarkBytes, _end)) : default;

    internal static RdbTransfer Begin(RespReader reader, string server, ReplicationPoint point, string header)
    {
        if (header.StartsWith(MarkWord, StringComparison.Ordinal) && header.Length == MarkWord.Length + MarkBytes)
            return new RdbTransfer(reader, server, point, 0, Encoding.UTF8.GetBytes(header[MarkWord.Length..]));
        return
            header.StartsWith('$')
            && long.TryParse(header[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new RdbTransfer(reader, server, point, length, mark: null)
            : throw RedisProblems.Protocol(server, "something that is no beginning of a transfer");
    }

    /// <returns>0 at the end, when all has come.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        var count = _mark is { } mark
            ? await ReadToMarkAsync(into, mark, cancellationToken)
            : await ReadKnownAsync(into, cancellationToken);
        _received += count;
        return count;
    }

    private async ValueTask<int> ReadKnownAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        if (_left == 0)
            return 0;
        var count = await ReceiveAsync(into[..(int)Math.Min(into.Length, _left)], cancellationToken);
        _left -= count;
        return count;
    }

    /// <summary>The last bytes that came may be the beginning of the mark: they are kept back.</summary>
    private async ValueTask<int> ReadToMarkAsync(Memory<byte> into, byte[] mark, CancellationToken cancellationToken)
    {
        while (_start == _settled && !_isAtEnd)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _settled, _end) = (0, 0, _end - _start);
            _end += await ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            var at = _buffer.AsSpan(0, _end).IndexOf(mark);
            _isAtEnd = at >= 0;
            _settled = _isAtEnd ? at : Math.Max(0, _end - MarkBytes + 1);
        }
        var count = Math.Min(into.Length, _settled - _start);
        _buffer.AsMemory(_start, count).CopyTo(into);
        _start += count;
        return count;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.ReadSomeAsync(into, cancellationToken);
        }
        catch (Core.Problems.ResurgamException e) when (e.Problem.Code == RedisProblems.ConnectionLostCode)
        {
            throw RedisProblems.TransferCut(_server, _received, e);
        }
    }
}
