using System.Globalization;

namespace Resurgam.Core.Postgres;

/// <summary>A position in the write-ahead log, in bytes from its beginning. Shown as PostgreSQL shows it: <c>16/B374D848</c>.</summary>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    /// <summary>Reads <c>X/X</c>, two hexadecimal numbers of up to 8 digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Lsn lsn)
    {
        lsn = default;
        var slash = text.IndexOf('/');
        if (
            slash is < 1 or > 8
            || text.Length - slash - 1 is < 1 or > 8
            || !uint.TryParse(text[..slash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !uint.TryParse(
                text[(slash + 1)..],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var low
            )
        )
            return false;
        lsn = new Lsn(((ulong)high << 32) | low);
        return true;
    }

    /// <exception cref="FormatException">The text is not <c>X/X</c>.</exception>
    public static Lsn Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var lsn) ? lsn : throw new FormatException($"'{text}' is not a WAL position like 0/16B3748");

    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value >> 32:X}/{Value & 0xFFFFFFFF:X}");

    public static Lsn operator +(Lsn lsn, ulong bytes) => new(lsn.Value + bytes);

    /// <summary>Distance in bytes; throws when <paramref name="right"/> is ahead.</summary>
    public static ulong operator -(Lsn left, Lsn right) => left.Value - right.Value;

    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;
}
