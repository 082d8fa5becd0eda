using System.Globalization;
using System.Text;

namespace Resurgam.Core.Redis.Commands;

/// <summary>
/// Turns a stretch of a command stream into the content of an append-only file: without what only keeps a connection
/// alive, and up to the last command that is whole and outside a transaction.
/// </summary>
/// <remarks>In RESP, as a master sends it to its replicas. Memory does not grow with a command's length.</remarks>
public sealed class CommandReplay(Stream output)
{
    private const int MostHeadBytes = 256;
    private const int MostArguments = 1 << 20;
    private const int MostWordBytes = 32;
    private const long MostTextBytes = 1L << 32;

    /// <summary>They keep a replica's connection alive, or are messages that nobody hears any more.</summary>
    private static readonly string[] Dropped = ["PING", "REPLCONF", "PUBLISH", "SPUBLISH"];

    private readonly byte[] _head = new byte[MostHeadBytes];
    private readonly byte[] _word = new byte[MostWordBytes];
    private int _headBytes;
    private int _lineBytes;
    private int _wordBytes;
    private long _argumentsLeft;
    private long _arguments;
    private long _textLeft;
    private string? _name;
    private bool _isPassing;
    private bool _isInTransaction;
    private long _written;
    private long _commandsInTransaction;

    /// <summary>Bytes that were appended.</summary>
    public long BytesRead { get; private set; }

    /// <summary>How many of those lie before the last place at which it may stop.</summary>
    public long SafeBytesRead { get; private set; }

    /// <summary>Bytes of <see cref="BytesRead"/>, as they stand in the output; what follows them is to be cut off.</summary>
    public long SafeLength { get; private set; }

    /// <summary>Commands before that place that change data; those that make a transaction are not counted.</summary>
    public long Commands { get; private set; }

    /// <summary>The highest number of a database that was used.</summary>
    public long HighestDatabase { get; private set; }

    /// <summary>The database that the first command is for, where the stream does not say so itself.</summary>
    public void Begin(long database)
    {
        if (database == 0)
            return;
        var number = database.ToString(CultureInfo.InvariantCulture);
        var command = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"*2\r\n$6\r\nSELECT\r\n${number.Length}\r\n{number}\r\n")
        );
        output.Write(command);
        (_written, SafeLength) = (command.Length, command.Length);
        HighestDatabase = database;
    }

    /// <exception cref="Problems.ResurgamException">These are no commands.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = _textLeft > 0 ? TakeText(bytes) : TakeLine(bytes);
            BytesRead += count;
            bytes = bytes[count..];
            if (_arguments > 0 && _argumentsLeft == 0 && _textLeft == 0 && _lineBytes == 0)
                EndCommand();
        }
    }

    /// <summary>The text of an argument, with the line break behind it.</summary>
    private int TakeText(ReadOnlySpan<byte> bytes)
    {
        const int lineBreak = 2;
        var count = (int)Math.Min(bytes.Length, _textLeft);
        var words = (int)Math.Clamp(_textLeft - lineBreak, 0, count);
        var index = _arguments - _argumentsLeft; // of this argument, from 0
        if (index <= 1)
        {
            var kept = Math.Min(words, MostWordBytes - _wordBytes);
            bytes[..kept].CopyTo(_word.AsSpan(_wordBytes));
            _wordBytes += kept;
        }
        Keep(bytes[..count]);
        _textLeft -= count;
        if (_textLeft == 0)
        {
            if (index == 0)
                BeginPassing(Word());
            else if (index == 1 && _name == "SELECT")
                Select(Word());
            _argumentsLeft--;
        }
        return count;
    }

    private int TakeLine(ReadOnlySpan<byte> bytes)
    {
        if (_arguments == 0 && _lineBytes == 0 && bytes[0] is (byte)'\n' or (byte)'\r')
            return 1; // a sign of life between commands
        var end = bytes.IndexOf((byte)'\n');
        var count = end < 0 ? bytes.Length : end + 1;
        if (_lineBytes + count > MostWordBytes)
            throw Garbled("a line without an end");
        bytes[..count].CopyTo(_line.AsSpan(_lineBytes));
        _lineBytes += count;
        Keep(bytes[..count]);
        if (end >= 0)
        {
            EndLine(_line.AsSpan(0, _lineBytes).TrimEnd("\r\n"u8));
            _lineBytes = 0;
        }
        return count;
    }

    private readonly byte[] _line = new byte[MostWordBytes];

    private void EndLine(ReadOnlySpan<byte> line)
    {
        var isCommand = _arguments == 0;
        if (
            line.Length < 2
            || line[0] != (isCommand ? (byte)'*' : (byte)'$')
            || !long.TryParse(line[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > (isCommand ? MostArguments : MostTextBytes)
            || (isCommand && number == 0)
        )
            throw Garbled($"'{Encoding.ASCII.GetString(line)}' where a {(isCommand ? "command" : "length")} has to be");
        if (isCommand)
        {
            (_arguments, _argumentsLeft) = (number, number);
            return;
        }
        _textLeft = number + 2; // with its line break
        _wordBytes = 0;
    }

    /// <summary>Until a command's name is known its bytes wait; then they go on, or are dropped with the rest of it.</summary>
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_name is null)
        {
            if (_headBytes + bytes.Length > MostHeadBytes)
                throw Garbled("a command with a name that is none");
            bytes.CopyTo(_head.AsSpan(_headBytes));
            _headBytes += bytes.Length;
        }
        else if (_isPassing)
        {
            output.Write(bytes);
            _written += bytes.Length;
        }
    }

    private void BeginPassing(string name)
    {
        _name = name.ToUpperInvariant();
        _isPassing = !Dropped.Contains(_name);
        if (!_isPassing)
            return;
        output.Write(_head.AsSpan(0, _headBytes));
        _written += _headBytes;
    }

    private void Select(string database)
    {
        if (long.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            HighestDatabase = Math.Max(HighestDatabase, number);
    }

    private void EndCommand()
    {
        var name = _name;
        var counts = _isPassing && name is not ("SELECT" or "MULTI" or "EXEC");
        (_name, _arguments, _headBytes, _isPassing) = (null, 0, 0, false);
        if (name == "MULTI")
            _isInTransaction = true;
        else if (name == "EXEC")
            _isInTransaction = false;
        _commandsInTransaction += counts ? 1 : 0;
        if (_isInTransaction)
            return;
        Commands += _commandsInTransaction;
        _commandsInTransaction = 0;
        (SafeLength, SafeBytesRead) = (_written, BytesRead);
    }

    private string Word() => Encoding.ASCII.GetString(_word, 0, _wordBytes);

    private static Problems.ResurgamException Garbled(string what) => RedisFormatProblems.BadFrame(what);
}
