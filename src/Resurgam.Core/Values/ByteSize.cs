using System.Globalization;

namespace Resurgam.Core.Values;

/// <summary>A number of bytes, never negative. Written <c>512 KiB</c>, <c>1.5GiB</c>, <c>20MB</c> or <c>123</c>.</summary>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KiB", 1L << 10),
        ("MiB", 1L << 20),
        ("GiB", 1L << 30),
        ("TiB", 1L << 40),
        ("kB", 1000),
        ("MB", 1000_000),
        ("GB", 1000_000_000),
        ("TB", 1000_000_000_000),
        ("B", 1),
    ];

    /// <summary>Reads a number and a unit (KiB, MiB, GiB, TiB, kB, MB, GB, TB, B or none).</summary>
    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        if (text is null)
            return false;
        var (number, factor) = (text.Trim(), 1L);
        foreach (var (unit, bytes) in Units)
        {
            if (!number.EndsWith(unit, StringComparison.Ordinal))
                continue;
            (number, factor) = (number[..^unit.Length].TrimEnd(), bytes);
            break;
        }
        if (
            !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value > long.MaxValue / factor
        )
            return false;
        size = new ByteSize((long)(value * factor));
        return true;
    }

    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>For people: three digits and a binary unit, <c>2.61 GiB</c>.</summary>
    public override string ToString()
    {
        if (Bytes < 1024)
            return string.Create(CultureInfo.InvariantCulture, $"{Bytes} B");
        var (value, unit) = (Bytes / 1024.0, 0);
        for (; value >= 999.5 && unit < 3; unit++)
            value /= 1024;
        var digits = value switch
        {
            < 9.995 => "0.00",
            < 99.95 => "0.0",
            _ => "0",
        };
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {Units[unit].Unit}";
    }

    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;
}
