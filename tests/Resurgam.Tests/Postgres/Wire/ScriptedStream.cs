using System.Buffers.Binary;
using System.Text;

namespace Resurgam.Tests.Postgres.Wire;

/// <summary>A server that says what it was told to say, in pieces as the test wants, and hears everything.</summary>
internal sealed class ScriptedStream(byte[] script, Func<int, int> pieceBytesAt) : Stream
{
    private byte[] _script = script;
    private int _at;

    /// <summary>Hears one write of the client and says more.</summary>
    public Func<byte[], byte[]>? Answer { get; init; }

    public MemoryStream Heard { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var piece = Math.Clamp(pieceBytesAt(_at), 1, buffer.Length);
        var count = Math.Min(piece, _script.Length - _at);
        _script.AsSpan(_at, count).CopyTo(buffer.Span);
        _at += count;
        return ValueTask.FromResult(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Heard.Write(buffer.Span);
        if (Answer is not null)
            _script = [.. _script, .. Answer(buffer.ToArray())];
        return ValueTask.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>Writes the messages of a server.</summary>
internal sealed class Script
{
    private readonly MemoryStream _bytes = new();

    public byte[] Bytes => _bytes.ToArray();

    /// <summary>Everything up to the first command, from a server of this version.</summary>
    public static Script Started(string version) =>
        new Script()
            .Add('R', Int32(0))
            .Add('S', Text("server_version"), Text(version))
            .Add('K', Int32(1), Int32(2))
            .Ready();

    public Script Ready() => Add('Z', "I"u8.ToArray());

    public Script Row(params string?[] values)
    {
        var columns = values.Select(value =>
            value is null ? Int32(-1) : [.. Int32(value.Length), .. Encoding.UTF8.GetBytes(value)]
        );
        return Add('D', [Int16((short)values.Length), .. columns]);
    }

    public Script Rows(params string?[][] rows)
    {
        Add('T', Int16(0));
        foreach (var row in rows)
            Row(row);
        return Add('C', Text("SELECT"));
    }

    public Script Notice(string severity, string message) => Add('N', Fields(severity, "01000", message));

    public Script Error(string severity, string sqlState, string message) =>
        Add('E', Fields(severity, sqlState, message));

    public Script Add(char type, params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(part => part)];
        _bytes.WriteByte((byte)type);
        _bytes.Write(Int32(4 + body.Length));
        _bytes.Write(body);
        return this;
    }

    public static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    public static byte[] Int16(short number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, number);
        return bytes;
    }

    public static byte[] Int32(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    public static byte[] Int64(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Fields(string severity, string sqlState, string message) =>
        [.. Text("S" + severity), .. Text("V" + severity), .. Text("C" + sqlState), .. Text("M" + message), 0];
}
