using Cronos;

namespace Resurgam.Core.Plans;

/// <summary>When something recurs: five fields as <c>crontab(5)</c> has them, in a time zone.</summary>
/// <param name="Text">As written: <c>0 4 * * *</c>.</param>
/// <param name="Zone">Name in the time zone database: <c>UTC</c>, <c>Europe/Vienna</c>.</param>
/// <remarks>An hour that a clock change repeats counts once, and one that it leaves out is made up for at its end (Cronos).</remarks>
public sealed record CronTime(string Text, string Zone)
{
    public const string Utc = "UTC";

    /// <summary>The 31st of February.</summary>
    internal static readonly CronTime Never = new("0 0 31 2 *", Utc);

    /// <returns>Null when the text is no cron expression.</returns>
    public static CronTime? TryParse(string text) => CronExpression.TryParse(text, out _) ? new(text, Utc) : null;

    public static bool IsZone(string name) => name == Utc || TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    /// <summary>The first moment after <paramref name="after"/>; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) =>
        CronExpression.Parse(Text).GetNextOccurrence(after.ToUniversalTime(), ZoneOf(Zone))?.ToUniversalTime();

    /// <summary>The newest moment that is not after <paramref name="at"/>; null when there was none.</summary>
    public DateTimeOffset? Last(DateTimeOffset at)
    {
        var cron = CronExpression.Parse(Text);
        for (var inclusive = true; ; inclusive = false)
        {
            if (cron.GetPreviousOccurrence(at.ToUniversalTime(), ZoneOf(Zone), inclusive) is not { } before)
                return null;
            // Backwards Cronos gives an hour that was left out a second earlier than forwards: what Next says counts.
            if (Next(before.AddSeconds(-1)) is { } last && last <= at)
                return last;
            at = before;
        }
    }

    /// <summary>The longest time between two of its moments in the year and a day after <paramref name="from"/>; null when there are less than two.</summary>
    public TimeSpan? LongestGap(DateTimeOffset from)
    {
        // An expression of minutes has half a million moments a year: its gaps show within a week.
        const int most = 11_000;
        var until = from.AddDays(367);
        TimeSpan? longest = null;
        var last = Next(from);
        for (var n = 0; n < most && last is { } before && Next(before) is { } next && next <= until; n++, last = next)
            if (longest is null || next - before > longest)
                longest = next - before;
        return longest;
    }

    public override string ToString() => $"{Text} {Zone}";

    private static TimeZoneInfo ZoneOf(string name) =>
        name == Utc ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(name);
}
