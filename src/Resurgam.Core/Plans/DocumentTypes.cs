using System.Globalization;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The types of values that schedules, scenarios and the document have.</summary>
internal static class DocumentTypes
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>More than nothing.</summary>
    public static readonly PlanType<TimeSpan> Span = PlanTypes.DurationBetween(Second, Duration.Max);

    /// <summary>An RPO may be nothing at all.</summary>
    public static readonly PlanType<TimeSpan> Loss = PlanTypes.DurationBetween(TimeSpan.Zero, Duration.Max);

    public static readonly PlanType<DateOnly> Date = new("date", default, ReadDate);

    public static readonly PlanType<int> Count = new("whole number", 0, ReadCount);

    public static readonly PlanType<ValueList<string>> Texts = new("list of texts", [], PlanTypes.ReadTexts);

    public static readonly PlanType<ValueList<string>> Names = new("list of names", [], PlanTypes.ReadTexts);

    public static readonly PlanType<CronTime> Cron = new("cron expression", CronTime.Never, ReadCron);

    public static readonly PlanType<string> Zone = new("time zone", CronTime.Utc, ReadZone);

    /// <summary>One of some words.</summary>
    public static PlanType<T> Choice<T>(params (string Word, T Meaning)[] choices) =>
        new(
            string.Join(", ", choices.Select(choice => $"`{choice.Word}`")),
            choices[0].Meaning,
            value =>
            {
                if (PlanTypes.ReadText(value) is not { } written)
                    return choices[0].Meaning;
                foreach (var (word, meaning) in choices)
                    if (word == written)
                        return meaning;
                value.Refuse(PlanProblems.Choice(value.Path, written, choices.Select(choice => choice.Word)));
                return choices[0].Meaning;
            }
        );

    /// <summary>Some of some words.</summary>
    public static PlanType<ValueList<T>> Choices<T>(params (string Word, T Meaning)[] choices) =>
        new(
            $"list of {string.Join(", ", choices.Select(choice => $"`{choice.Word}`"))}",
            [],
            value =>
            {
                List<T> chosen = [];
                foreach (var written in PlanTypes.ReadTexts(value))
                {
                    var at = Array.FindIndex(choices, choice => choice.Word == written);
                    if (at < 0)
                        value.Refuse(PlanProblems.Choice(value.Path, written, choices.Select(choice => choice.Word)));
                    else if (!chosen.Contains(choices[at].Meaning))
                        chosen.Add(choices[at].Meaning);
                }
                return [.. chosen];
            }
        );

    private static DateOnly ReadDate(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return default;
        if (
            DateOnly.TryParseExact(
                written,
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var date
            )
        )
            return date;
        value.Refuse(PlanProblems.Date(value.Path, written));
        return default;
    }

    private static int ReadCount(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return 0;
        if (int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000)
            return count;
        value.Refuse(PlanProblems.Count(value.Path, written));
        return 0;
    }

    private static CronTime ReadCron(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return CronTime.Never;
        if (CronTime.TryParse(written) is { } cron)
            return cron;
        value.Refuse(PlanProblems.Cron(value.Path, written));
        return CronTime.Never;
    }

    private static string ReadZone(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return CronTime.Utc;
        if (CronTime.IsZone(written))
            return written;
        value.Refuse(PlanProblems.Zone(value.Path, written));
        return CronTime.Utc;
    }
}
