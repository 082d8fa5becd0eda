using System.Buffers.Binary;
using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>One message of the server.</summary>
/// <param name="Type">The type byte: the manual's chapter "Message Formats" lists them.</param>
/// <param name="Body">Without type and length; valid until the reader is asked for the next message.</param>
internal readonly record struct BackendMessage(byte Type, ReadOnlyMemory<byte> Body);

/// <summary>The type bytes that we read.</summary>
internal static class MessageType
{
    public const byte Authentication = (byte)'R';
    public const byte BindComplete = (byte)'2';
    public const byte BackendKeyData = (byte)'K';
    public const byte CommandComplete = (byte)'C';
    public const byte CopyBothResponse = (byte)'W';
    public const byte CopyData = (byte)'d';
    public const byte CopyDone = (byte)'c';
    public const byte CopyInResponse = (byte)'G';
    public const byte CopyOutResponse = (byte)'H';
    public const byte DataRow = (byte)'D';
    public const byte EmptyQueryResponse = (byte)'I';
    public const byte ErrorResponse = (byte)'E';
    public const byte NegotiateProtocolVersion = (byte)'v';
    public const byte NoticeResponse = (byte)'N';
    public const byte NotificationResponse = (byte)'A';
    public const byte ParameterStatus = (byte)'S';
    public const byte ParseComplete = (byte)'1';
    public const byte PortalSuspended = (byte)'s';
    public const byte ReadyForQuery = (byte)'Z';
    public const byte RowDescription = (byte)'T';
}

/// <summary>Reads the fields of a message in their order. Integers are big-endian, text is UTF-8 ended by a zero.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public string Text()
    {
        var length = _rest.IndexOf((byte)0);
        if (length < 0)
            throw PostgresProblems.Protocol("a text in a message has no end");
        var text = Encoding.UTF8.GetString(_rest[..length]);
        _rest = _rest[(length + 1)..];
        return text;
    }

    public ReadOnlySpan<byte> Take(int lengthBytes)
    {
        if ((uint)lengthBytes > (uint)_rest.Length)
            throw PostgresProblems.Protocol("a message is shorter than its fields");
        var taken = _rest[..lengthBytes];
        _rest = _rest[lengthBytes..];
        return taken;
    }
}
