using System.Globalization;
using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>
/// The name of a WAL object below its asset's folder: <c>00000001/000000001A000000-01000000</c> is timeline, first
/// position, length. What a store covers can so be told from a listing, and one that is sent again gets its own name back.
/// </summary>
public readonly record struct WalObjectName(uint Timeline, Lsn Start, long LengthBytes)
{
    /// <summary>The history of a timeline lies beside its WAL, after it in the order of a listing.</summary>
    public const string History = "history";

    private const int LengthChars = 8 + 1 + 16 + 1 + 8;

    public Lsn End => Start + (ulong)LengthBytes;

    public static string Folder(uint timeline) => string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}/");

    public static bool TryParse(ReadOnlySpan<char> text, out WalObjectName name)
    {
        name = default;
        if (
            text.Length != LengthChars
            || text[8] != '/'
            || text[25] != '-'
            || !WalSegment.TryHex(text[..8], out var timeline)
            || !ulong.TryParse(text[9..25], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
            || !WalSegment.TryHex(text[26..], out var length)
        )
            return false;
        name = new WalObjectName(timeline, new Lsn(start), length);
        return length > 0;
    }

    /// <summary>What the names of all objects begin with that start in a window of <see cref="WalFragment.MaxBytes"/>.</summary>
    public static string WindowPrefix(uint timeline, Lsn at) => $"{Folder(timeline)}{at.Value >> 24:X10}";

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Timeline:X8}/{Start.Value:X16}-{LengthBytes:X8}");
}
