using System.Buffers.Binary;
using System.Security.Cryptography;
using Resurgam.Core.Compression;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Wal;

/// <summary>A stretch of WAL, or a timeline's history, as it lies in a store. Layout: docs/formats/wal.md.</summary>
public sealed record WalFragment
{
    public const int HeaderBytes = 48;

    /// <summary>The most plain bytes in one object: bounds the memory of whoever opens it.</summary>
    public const int MaxBytes = 16 << 20;

    private const uint Magic = 0x4C415752; // "RWAL", read as little-endian
    private const byte Version = 1;
    private const byte CompressedFlag = 1;
    private const byte HistoryFlag = 2;

    /// <summary>Speed matters more than size here: two cores are shared with the database, and expiry comes in weeks.</summary>
    private const int CompressionLevel = 1;

    [ThreadStatic]
    private static ZstdCompressor? t_compressor;

    [ThreadStatic]
    private static ZstdDecompressor? t_decompressor;

    /// <summary>The cluster that wrote it.</summary>
    public required ulong SystemIdentifier { get; init; }

    public required uint Timeline { get; init; }

    public required int SegmentSizeBytes { get; init; }

    /// <summary>Position of the first byte; 0/0 in a history.</summary>
    public required Lsn Start { get; init; }

    /// <summary>At most <see cref="MaxBytes"/>.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Server time of the newest commit at or before the end; null when none was seen yet.</summary>
    public DateTimeOffset? LastCommitAt { get; init; }

    /// <summary>The bytes are the text of <c>NNNNNNNN.history</c>.</summary>
    public bool IsHistory { get; init; }

    public Lsn End => Start + (ulong)Bytes.Length;

    /// <summary>What it is called below its asset's folder.</summary>
    public string ObjectName =>
        IsHistory
            ? WalObjectName.Folder(Timeline) + WalObjectName.History
            : new WalObjectName(Timeline, Start, Bytes.Length).ToString();

    /// <summary>Compresses and seals. The same fragment always gives the same bytes, so that one sent again is the same object.</summary>
    /// <remarks>
    /// The initialisation vector is a keyed hash of what is sealed (as in RFC 5297, SIV): it repeats only where everything
    /// else repeats too, which tells an onlooker nothing that the equal name did not tell.
    /// </remarks>
    /// <param name="buffer">At least <see cref="MostSealedBytes"/> long; the result lies in it.</param>
    public ReadOnlyMemory<byte> Seal(SealingKey key, byte[] buffer)
    {
        Problems.Require.That(Bytes.Length <= MaxBytes, "a WAL object holds at most 16 MiB");
        // Made where its ciphertext goes: a segment is long, and a second copy of it would be as well.
        var plain = buffer.AsSpan(SealingKey.IvBytes);
        var compressor = t_compressor ??= new ZstdCompressor(CompressionLevel);
        var length = compressor.Compress(Bytes.Span, plain[HeaderBytes..]);
        var isSmaller = length < Bytes.Length;
        if (!isSmaller)
        {
            Bytes.Span.CopyTo(plain[HeaderBytes..]);
            length = Bytes.Length;
        }
        WriteHeader(plain, isSmaller);
        var content = plain[..(HeaderBytes + length)];

        Span<byte> iv = stackalloc byte[32];
        Span<byte> ivKey = stackalloc byte[32];
        HMACSHA256.HashData(key.Encrypt, "resurgam wal iv 1"u8, ivKey);
        HMACSHA256.HashData(ivKey, content, iv);
        var sealedBytes = buffer.AsMemory(0, content.Length + SealingKey.OverheadBytes);
        key.Seal(content, iv[..SealingKey.IvBytes], sealedBytes.Span);
        return sealedBytes;
    }

    /// <summary>Room that so many bytes of WAL fit into when sealed, the compressor's need included.</summary>
    public static int MostSealedBytes(int walBytes) =>
        HeaderBytes + ZstdCompressor.BoundFor(walBytes) + SealingKey.OverheadBytes;

    /// <summary>Opens and checks everything that can be checked without the rest of the WAL.</summary>
    /// <param name="name">The key in the store, for messages.</param>
    /// <param name="room">Where the WAL may go; where that is too short, or none, it gets memory of its own.</param>
    /// <exception cref="Problems.ResurgamException">The object is damaged, or sealed with another key, or from a later version.</exception>
    public static WalFragment Open(
        ReadOnlySpan<byte> sealedBytes,
        SealingKey key,
        string name,
        Memory<byte> room = default
    )
    {
        if (sealedBytes.Length < SealingKey.OverheadBytes + HeaderBytes)
            throw WalProblems.Damaged(name, $"it has only {sealedBytes.Length} bytes");
        var plain = new byte[sealedBytes.Length - SealingKey.OverheadBytes];
        if (!key.TryOpen(sealedBytes, plain))
            throw WalProblems.Damaged(name, "its authentication tag does not match");

        var header = plain.AsSpan();
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
            throw WalProblems.Damaged(name, "it does not begin like a WAL object");
        if (header[4] != Version)
            throw WalProblems.Unsupported(name, header[4]);
        var flags = header[5];
        int bodyAt = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[32..]);
        if (bodyAt < HeaderBytes || bodyAt > plain.Length || length > MaxBytes)
            throw WalProblems.Damaged(name, $"its lengths do not fit ({bodyAt}, {length}, {plain.Length})");

        var commit = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        var fragment = new WalFragment
        {
            SystemIdentifier = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            Timeline = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]),
            SegmentSizeBytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(header[20..]),
            Start = new Lsn(BinaryPrimitives.ReadUInt64LittleEndian(header[24..])),
            Bytes = Inflate(plain.AsMemory(bodyAt), (int)length, (flags & CompressedFlag) != 0, name, room),
            LastCommitAt = commit == 0 ? null : PostgresTime.FromMicroseconds(commit),
            IsHistory = (flags & HistoryFlag) != 0,
        };
        if (Crc32C.Append(0, fragment.Bytes.Span) != BinaryPrimitives.ReadUInt32LittleEndian(header[36..]))
            throw WalProblems.Damaged(name, "its content does not match its checksum");
        return fragment;
    }

    private void WriteHeader(Span<byte> header, bool isCompressed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = Version;
        header[5] = (byte)((isCompressed ? CompressedFlag : 0) | (IsHistory ? HistoryFlag : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], SystemIdentifier);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Timeline);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)SegmentSizeBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Start.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], (uint)Bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[36..], Crc32C.Append(0, Bytes.Span));
        var commit = LastCommitAt is { } at ? PostgresTime.ToMicroseconds(at) : 0;
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], commit);
    }

    private static ReadOnlyMemory<byte> Inflate(
        ReadOnlyMemory<byte> body,
        int length,
        bool isCompressed,
        string name,
        Memory<byte> room
    )
    {
        if (!isCompressed)
            return body.Length == length ? body : throw WalProblems.Damaged(name, "its body has another length");
        var bytes = room.Length >= length ? room[..length] : new byte[length];
        try
        {
            var decompressor = t_decompressor ??= new ZstdDecompressor();
            if (decompressor.Decompress(body.Span, bytes.Span) != length)
                throw WalProblems.Damaged(name, "its body inflates to another length");
        }
        catch (ZstdException e)
        {
            throw WalProblems.Damaged(name, $"its body does not inflate ({e.Message})");
        }
        return bytes;
    }
}
