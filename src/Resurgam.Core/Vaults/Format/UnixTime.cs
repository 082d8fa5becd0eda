using System.Globalization;

namespace Resurgam.Core.Vaults.Format;

/// <summary>A moment to the nanosecond, as file systems keep it. Written as Go writes it: RFC 3339, in UTC.</summary>
/// <param name="Seconds">Since 1970 UTC, negative before.</param>
/// <param name="Nanoseconds">0 to 999,999,999, always added.</param>
public readonly record struct UnixTime(long Seconds, int Nanoseconds) : IComparable<UnixTime>
{
    private const int SecondsOfDay = 86_400;
    private const int NanosecondsOfTick = 100;

    public int Nanoseconds { get; init; } =
        Nanoseconds is >= 0 and < 1_000_000_000
            ? Nanoseconds
            : throw new ArgumentOutOfRangeException(nameof(Nanoseconds), Nanoseconds, "not below a second");

    public static UnixTime From(DateTimeOffset moment)
    {
        var (seconds, ticks) = FloorDivide(moment.UtcTicks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        return new UnixTime(seconds, (int)ticks * NanosecondsOfTick);
    }

    /// <summary>In UTC and cut to 100 ns; what lies outside the years 1 to 9999 becomes the first or last moment of them.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        if (Seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds())
            return DateTimeOffset.MinValue;
        return Seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.MaxValue
            : DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanoseconds / NanosecondsOfTick);
    }

    /// <summary>
    /// <c>2026-11-05T09:41:07.25Z</c>: no zeros at the end of the fraction. As in restic, a year that RFC 3339 cannot
    /// hold becomes 0 or 9999 with the rest of the time kept.
    /// </summary>
    public override string ToString()
    {
        var (days, second) = FloorDivide(Seconds, SecondsOfDay);
        var (year, month, day) = DateOf(days);
        if (year is < 0 or > 9999)
        {
            year = year < 0 ? 0 : 9999;
            if (year == 9999 && (month, day) == (2, 29))
                (month, day) = (3, 1);
        }
        var fraction =
            Nanoseconds == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{Nanoseconds:D9}").TrimEnd('0');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{year:D4}-{month:D2}-{day:D2}T{second / 3600:D2}:{second / 60 % 60:D2}:{second % 60:D2}{fraction}Z"
        );
    }

    /// <summary>Reads RFC 3339 with any offset and any number of digits after the point, of which nine count.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="time">The moment, if the text is one.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out UnixTime time)
    {
        time = default;
        if (
            text.Length < "0000-00-00T00:00:00Z".Length
            || !TryDigits(text[..4], out var year)
            || !TryField(text[4..], (byte)'-', 1, 12, out var month)
            || !TryField(text[7..], (byte)'-', 1, DaysInMonth(year, month), out var day)
            || !TryField(text[10..], (byte)'T', 0, 23, out var hour)
            || !TryField(text[13..], (byte)':', 0, 59, out var minute)
            || !TryField(text[16..], (byte)':', 0, 59, out var second)
            || !TryFraction(text[19..], out var nanoseconds, out var fractionLength)
            || !TryOffset(text[(19 + fractionLength)..], out var offsetSeconds)
        )
            return false;
        var days = DaysUntil(year, month, day);
        time = new UnixTime(days * SecondsOfDay + hour * 3600 + minute * 60 + second - offsetSeconds, nanoseconds);
        return true;
    }

    public int CompareTo(UnixTime other) => (Seconds, Nanoseconds).CompareTo((other.Seconds, other.Nanoseconds));

    public static bool operator <(UnixTime left, UnixTime right) => left.CompareTo(right) < 0;

    public static bool operator >(UnixTime left, UnixTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(UnixTime left, UnixTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(UnixTime left, UnixTime right) => left.CompareTo(right) >= 0;

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            value = value * 10 + (digit - '0');
        }
        return true;
    }

    /// <summary>A separator and two digits.</summary>
    private static bool TryField(ReadOnlySpan<byte> text, byte separator, int least, int most, out int value)
    {
        value = 0;
        return text.Length >= 3
            && text[0] == separator
            && TryDigits(text[1..3], out value)
            && value >= least
            && value <= most;
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, out int nanoseconds, out int length)
    {
        (nanoseconds, length) = (0, 0);
        if (text.IsEmpty || text[0] != '.')
            return true;
        var digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 1 || !TryDigits(text.Slice(1, Math.Min(digits, 9)), out nanoseconds))
            return false;
        for (var i = digits; i < 9; i++)
            nanoseconds *= 10;
        length = 1 + digits;
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text.SequenceEqual("Z"u8))
            return true;
        if (
            text.Length != 6
            || text[0] is not ((byte)'+' or (byte)'-')
            || !TryField(text, text[0], 0, 23, out var hours)
            || !TryField(text[3..], (byte)':', 0, 59, out var minutes)
        )
            return false;
        seconds = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static int DaysInMonth(int year, int month) =>
        month == 2 ? (IsLeap(year) ? 29 : 28) : DateTime.DaysInMonth(2001, month);

    private static bool IsLeap(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    private static (long Quotient, long Remainder) FloorDivide(long value, long divisor)
    {
        var (quotient, remainder) = Math.DivRem(value, divisor);
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder);
    }

    /// <summary>Days from 1970-01-01 in the proleptic Gregorian calendar, which has a year 0.</summary>
    /// <remarks>Years are counted from March, so that the leap day is the last: 153 days make five months.</remarks>
    private static long DaysUntil(long year, int month, int day)
    {
        if (month <= 2)
            year--;
        var (era, yearOfEra) = FloorDivide(year, 400);
        var dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }

    private static (long Year, int Month, int Day) DateOf(long days)
    {
        var (era, dayOfEra) = FloorDivide(days + 719_468, 146_097);
        var yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = (int)(dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100));
        var marchMonth = (5 * dayOfYear + 2) / 153;
        var month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1);
    }
}
