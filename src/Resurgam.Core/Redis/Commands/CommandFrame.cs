using System.Buffers.Binary;
using System.Text;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;

namespace Resurgam.Core.Redis.Commands;

/// <summary>What a frame holds.</summary>
public enum CommandFrameKind
{
    /// <summary>The first of each segment: the replication id.</summary>
    Head = 1,

    /// <summary>Bytes of the server's command stream, cut anywhere.</summary>
    Commands = 2,

    /// <summary>Nothing came up to this time; its bytes only fill a segment up.</summary>
    Mark = 3,
}

/// <summary>The header of a frame: a stretch of a server's command stream with its place and its time. Layout: docs/formats/redis-stream.md.</summary>
/// <param name="Position">Of its first byte in the stream that we keep.</param>
/// <param name="Offset">The server's count of bytes before the first byte of this frame.</param>
/// <param name="At">When we had received it, by our clock.</param>
/// <param name="LengthBytes">Of what follows the header.</param>
/// <param name="Checksum">CRC-32C of the header with zeros in its place, then of what follows.</param>
public sealed record CommandFrame(
    CommandFrameKind Kind,
    uint Timeline,
    Lsn Position,
    long Offset,
    DateTimeOffset At,
    int LengthBytes,
    uint Checksum
)
{
    public const int HeaderBytes = 48;
    public const int IdBytes = 40;

    /// <summary>A whole one of these fits into a store's object.</summary>
    public const int SegmentBytes = 16 << 20;

    private const uint Magic = 0x444D4352; // "RCMD", read as little-endian
    private const byte Version = 1;
    private const int ChecksumAt = 12;

    /// <summary>Position behind the frame.</summary>
    public Lsn End => Position + (ulong)(HeaderBytes + LengthBytes);

    /// <summary>The server's count behind the frame.</summary>
    public long EndOffset => Kind == CommandFrameKind.Commands ? Offset + LengthBytes : Offset;

    /// <summary>Reads a header.</summary>
    /// <returns>Null when these bytes are none; whether the frame is whole its checksum tells.</returns>
    public static CommandFrame? TryRead(ReadOnlySpan<byte> header)
    {
        if (
            header.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || header[4] != Version
            || header[5] is < 1 or > 3
        )
            return null;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        if (length > SegmentBytes || ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks)
            return null;
        return new CommandFrame(
            (CommandFrameKind)header[5],
            BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
            new Lsn(BinaryPrimitives.ReadUInt64LittleEndian(header[16..])),
            BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
            new DateTimeOffset(ticks, TimeSpan.Zero),
            (int)length,
            BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumAt..])
        );
    }

    /// <summary>Writes header and content one after the other.</summary>
    /// <param name="into">At least <see cref="HeaderBytes"/> longer than the content.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(
        CommandFrameKind kind,
        uint timeline,
        Lsn position,
        long offset,
        DateTimeOffset at,
        ReadOnlySpan<byte> content,
        Span<byte> into
    )
    {
        var header = into[..HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = Version;
        header[5] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)content.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], position.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], at.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], timeline);
        content.CopyTo(into[HeaderBytes..]);
        var checksum = Crc32C.Append(Crc32C.Append(0, header), content);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChecksumAt..], checksum);
        return HeaderBytes + content.Length;
    }

    /// <summary>The checksum of a header, to go on with over the content.</summary>
    internal static uint BeginChecksum(ReadOnlySpan<byte> header)
    {
        Span<byte> blank = stackalloc byte[HeaderBytes];
        header[..HeaderBytes].CopyTo(blank);
        blank.Slice(ChecksumAt, sizeof(uint)).Clear();
        return Crc32C.Append(0, blank);
    }

    /// <summary>A replication id as the content of a <see cref="CommandFrameKind.Head"/>.</summary>
    public static byte[] HeadOf(string replicationId) =>
        Encoding.ASCII.GetBytes(replicationId.PadRight(IdBytes)[..IdBytes]);
}
