using System.Buffers.Binary;
using System.Text;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>The messages that we send, whole, with type and length.</summary>
internal static class FrontendMessages
{
    /// <summary>Bytes before the payload of a CopyData message.</summary>
    public const int CopyDataHeaderBytes = 5;

    /// <summary>Length of a standby status update with its CopyData header.</summary>
    public const int StatusUpdateBytes = CopyDataHeaderBytes + 34;

    private const int ProtocolVersion3 = 3 << 16;
    private const int SslRequestCode = (1234 << 16) | 5679;

    /// <summary>The year 3000 or so: what is later is no time but rubbish.</summary>
    private const long MostMicroseconds = 1000L * 366 * 86400 * 1_000_000;

    /// <summary>The epoch of PostgreSQL's clock, which counts microseconds.</summary>
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] SslRequest()
    {
        var message = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), SslRequestCode);
        return message;
    }

    public static byte[] Startup(IEnumerable<(string Name, string Value)> parameters)
    {
        var pairs = string.Concat(parameters.Select(pair => $"{pair.Name}\0{pair.Value}\0"));
        var message = new byte[8 + Encoding.UTF8.GetByteCount(pairs) + 1];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), ProtocolVersion3);
        Encoding.UTF8.GetBytes(pairs, message.AsSpan(8));
        return message;
    }

    public static byte[] Query(string sql) => Message('Q', Encoding.UTF8.GetBytes(sql + '\0'));

    /// <summary>
    /// The extended protocol's Parse, Bind, Execute and Sync in one: unnamed, no parameters, answers as text. The server
    /// refuses two statements in it.
    /// </summary>
    public static byte[] Statement(string sql, int mostRows)
    {
        var rows = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(rows, mostRows);
        return
        [
            .. Message('P', [0, .. Encoding.UTF8.GetBytes(sql + '\0'), 0, 0]),
            .. Message('B', new byte[8]), // no name, no formats, no values, all results as text
            .. Message('E', [0, .. rows]),
            .. Sync(),
        ];
    }

    /// <summary>Ends what <see cref="Statement"/> began; after an error the server reads on from here.</summary>
    public static byte[] Sync() => Message('S', []);

    public static byte[] Password(string password) => Message('p', Encoding.UTF8.GetBytes(password + '\0'));

    public static byte[] SaslInitialResponse(string mechanism, byte[] response)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, response.Length);
        return Message('p', [.. Encoding.UTF8.GetBytes(mechanism), 0, .. length, .. response]);
    }

    public static byte[] SaslResponse(byte[] response) => Message('p', response);

    public static byte[] CopyDone() => Message('c', []);

    public static byte[] CopyFail(string reason) => Message('f', Encoding.UTF8.GetBytes(reason + '\0'));

    public static byte[] Terminate() => Message('X', []);

    public static void WriteCopyDataHeader(Span<byte> message, int payloadBytes)
    {
        message[0] = (byte)'d';
        BinaryPrimitives.WriteInt32BigEndian(message[1..], 4 + payloadBytes);
    }

    /// <param name="message">Exactly <see cref="StatusUpdateBytes"/>.</param>
    public static void WriteStatusUpdate(Span<byte> message, StandbyStatus status, DateTimeOffset sentAt)
    {
        WriteCopyDataHeader(message, StatusUpdateBytes - CopyDataHeaderBytes);
        var payload = message[CopyDataHeaderBytes..];
        payload[0] = (byte)'r';
        BinaryPrimitives.WriteUInt64BigEndian(payload[1..], status.Written.Value);
        BinaryPrimitives.WriteUInt64BigEndian(payload[9..], status.Flushed.Value);
        BinaryPrimitives.WriteUInt64BigEndian(payload[17..], status.Applied.Value);
        BinaryPrimitives.WriteInt64BigEndian(payload[25..], (sentAt - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);
        payload[33] = status.ReplyRequested ? (byte)1 : (byte)0;
    }

    /// <summary>A time as the server sends it, in microseconds since 2000.</summary>
    public static DateTimeOffset TimeOf(long microseconds) =>
        microseconds is >= 0 and <= MostMicroseconds
            ? Epoch.AddMicroseconds(microseconds)
            : throw PostgresProblems.Protocol($"{microseconds} is no time of this millennium");

    private static byte[] Message(char type, byte[] body)
    {
        var message = new byte[5 + body.Length];
        message[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + body.Length);
        body.CopyTo(message, 5);
        return message;
    }
}

/// <summary>How far a receiver is. Each position is the one behind the last byte that is meant.</summary>
/// <param name="ReplyRequested">The server answers with a keepalive at once.</param>
internal readonly record struct StandbyStatus(Lsn Written, Lsn Flushed, Lsn Applied, bool ReplyRequested);
