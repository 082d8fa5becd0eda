using System.Globalization;
using System.Numerics;
using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>One file of the write-ahead log: <c>000000010000000A000000FF</c>.</summary>
/// <param name="Timeline">The timeline that wrote it, from 1.</param>
/// <param name="Number">How many segments of this size lie before it.</param>
/// <param name="SizeBytes">A power of two from 1 MiB to 1 GiB, fixed when the cluster is made (initdb --wal-segsize).</param>
/// <remarks>Source: PostgreSQL, <c>src/include/access/xlog_internal.h</c>, XLogFileName and its siblings.</remarks>
public readonly record struct WalSegment(uint Timeline, ulong Number, int SizeBytes)
{
    public const int DefaultSizeBytes = 16 << 20;
    public const int NameLength = 24;

    /// <summary>The position of its first byte.</summary>
    public Lsn Start => new(Number * (ulong)SizeBytes);

    /// <summary>The position after its last byte.</summary>
    public Lsn End => new((Number + 1) * (ulong)SizeBytes);

    public WalSegment Next => this with { Number = Number + 1 };

    /// <summary>24 hexadecimal digits: timeline, then the number in two parts of which the second stays below 4 GiB.</summary>
    public string FileName
    {
        get
        {
            var perPart = (1UL << 32) / (ulong)SizeBytes;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Timeline:X8}{Number / perPart:X8}{Number % perPart:X8}"
            );
        }
    }

    public static bool IsSize(long bytes) => bytes is >= 1 << 20 and <= 1 << 30 && BitOperations.IsPow2(bytes);

    /// <summary>The segment that holds the byte at <paramref name="lsn"/>.</summary>
    public static WalSegment At(uint timeline, Lsn lsn, int sizeBytes) =>
        new(timeline, lsn.Value / (ulong)sizeBytes, sizeBytes);

    /// <summary>Reads a name of exactly 24 hexadecimal digits; the size says what its last digits may be.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, int sizeBytes, out WalSegment segment)
    {
        segment = default;
        if (
            name.Length != NameLength
            || !TryHex(name[..8], out var timeline)
            || !TryHex(name[8..16], out var high)
            || !TryHex(name[16..], out var low)
        )
            return false;
        var perPart = (1UL << 32) / (ulong)sizeBytes;
        if (timeline == 0 || low >= perPart)
            return false;
        segment = new WalSegment(timeline, high * perPart + low, sizeBytes);
        return true;
    }

    public override string ToString() => FileName;

    internal static bool TryHex(ReadOnlySpan<char> digits, out uint value) =>
        uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
