using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Reads what a server says: bounded in time, in length and in depth. Not thread-safe.</summary>
/// <param name="server">For messages.</param>
/// <param name="silenceLimit">Longest that the server may say nothing.</param>
internal sealed class RespReader(Stream stream, string server, TimeSpan silenceLimit, TimeProvider time)
{
    private const int BufferBytes = 128 << 10;
    private const int MostBulkBytes = 16 << 20;
    private const int MostItems = 100_000;
    private const int MostDepth = 8;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;

    public async Task<RespValue> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        while (line.Length == 0) // a sign of life
            line = await ReadLineAsync(cancellationToken);
        return await ReadAsync(line, depth: 0, cancellationToken);
    }

    /// <summary>A line without its end; empty ones are signs of life.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = _buffer.AsSpan(_start, end).TrimEnd((byte)'\r');
                _start += end + 1;
                return Encoding.UTF8.GetString(line);
            }
            if (_end - _start == BufferBytes)
                throw RedisProblems.Protocol(server, "a line without an end");
            await FillAsync(cancellationToken);
        }
    }

    /// <summary>Bytes as they come.</summary>
    /// <returns>At least one.</returns>
    public async ValueTask<int> ReadSomeAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        if (_start == _end)
            return await ReceiveAsync(into, cancellationToken);
        var count = Math.Min(into.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(into);
        _start += count;
        return count;
    }

    private async Task<RespValue> ReadAsync(string line, int depth, CancellationToken cancellationToken)
    {
        if (depth == MostDepth)
            throw RedisProblems.Protocol(server, "an answer that is nested too deep");
        var rest = line.Length > 0 ? line[1..] : "";
        switch (line.Length > 0 ? line[0] : ' ')
        {
            case '+':
                return new RespValue.Line(rest);
            case '-':
                return new RespValue.Refusal(rest);
            case ':':
                return new RespValue.Number(ParseNumber(rest, long.MinValue, long.MaxValue));
            case '$':
                var length = (int)ParseNumber(rest, -1, MostBulkBytes);
                return new RespValue.Bytes(length < 0 ? null : await ReadBulkAsync(length, cancellationToken));
            case '*':
                List<RespValue> items = [];
                for (var left = ParseNumber(rest, -1, MostItems); left > 0; left--)
                    items.Add(await ReadAsync(await ReadLineAsync(cancellationToken), depth + 1, cancellationToken));
                return new RespValue.List(items);
            default:
                throw RedisProblems.Protocol(server, "something that is no answer");
        }
    }

    private async Task<byte[]> ReadBulkAsync(int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length; )
            at += await ReadSomeAsync(bytes.AsMemory(at), cancellationToken);
        if (await ReadLineAsync(cancellationToken) is { Length: > 0 })
            throw RedisProblems.Protocol(server, "a text that is longer than it said");
        return bytes;
    }

    private long ParseNumber(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most
            ? number
            : throw RedisProblems.Protocol(server, "a number that cannot be");

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        _end += await ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        try
        {
            var reading = stream.ReadAsync(into, cancellationToken);
            var count = reading.IsCompleted
                ? await reading
                : await reading.AsTask().WaitAsync(silenceLimit, time, cancellationToken);
            return count > 0 ? count : throw RedisProblems.ConnectionLost(server, cause: null);
        }
        catch (TimeoutException)
        {
            throw RedisProblems.Silent(server, silenceLimit);
        }
        catch (Exception cause) when (cause is IOException or SocketException)
        {
            throw RedisProblems.ConnectionLost(server, cause);
        }
    }
}
