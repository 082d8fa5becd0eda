using System.Globalization;

namespace Resurgam.Core.Wal;

/// <summary>What PostgreSQL means when it asks <c>restore_command</c> for a file.</summary>
public static class WalFileName
{
    private const string HistorySuffix = ".history";
    private const string PartialSuffix = ".partial";

    public static string OfHistory(uint timeline) =>
        string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}{HistorySuffix}");

    /// <summary>Reads <c>00000002.history</c>.</summary>
    public static bool TryParseHistory(ReadOnlySpan<char> name, out uint timeline)
    {
        timeline = 0;
        return name.Length == 8 + HistorySuffix.Length
            && name.EndsWith(HistorySuffix, StringComparison.Ordinal)
            && WalSegment.TryHex(name[..8], out timeline)
            && timeline > 0;
    }

    /// <summary>Reads the name of a segment, also one that ends in <c>.partial</c> as a promoted server archives it.</summary>
    public static bool TryParseSegment(ReadOnlySpan<char> name, int sizeBytes, out WalSegment segment) =>
        WalSegment.TryParse(
            name.EndsWith(PartialSuffix, StringComparison.Ordinal) ? name[..^PartialSuffix.Length] : name,
            sizeBytes,
            out segment
        );
}
