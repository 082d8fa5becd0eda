namespace Resurgam.Core.Vaults.Format;

/// <summary>A moment to the nanosecond, as file systems keep it.</summary>
/// <param name="Seconds">Since 1970 UTC, negative before.</param>
/// <param name="Nanoseconds">0 to 999,999,999, always added.</param>
public readonly record struct UnixTime(long Seconds, int Nanoseconds) : IComparable<UnixTime>
{
    public static UnixTime From(DateTimeOffset moment) => throw new NotSupportedException();

    public DateTimeOffset ToDateTimeOffset() => throw new NotSupportedException();

    public int CompareTo(UnixTime other) => (Seconds, Nanoseconds).CompareTo((other.Seconds, other.Nanoseconds));

    public static bool operator <(UnixTime left, UnixTime right) => left.CompareTo(right) < 0;

    public static bool operator >(UnixTime left, UnixTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(UnixTime left, UnixTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(UnixTime left, UnixTime right) => left.CompareTo(right) >= 0;
}
