using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

public static partial class PlanProblems
{
    internal static Problem Name(string path, string written) =>
        Of(
            "plan-group-name",
            $"{path} names something '{written}'",
            "Names are 1 to 60 of letters, digits, '-', '_' and '.', the first a letter or a digit."
        );

    internal static Problem Login(string path, string user, string one, string other) =>
        Of(
            "plan-login",
            $"{path} has two people who are the user '{user}': {one} and {other}",
            "Give each a 'login' of their own. Who has none is the user of their name."
        );

    internal static Problem Date(string path, string written) =>
        Of("plan-date", $"{path} is '{written}', which is no day", "Write it as year, month and day: 2026-03-08.");

    internal static Problem Count(string path, string written) =>
        Of(
            "plan-count",
            $"{path} is '{written}', which is no whole number up to 100000",
            "Write digits alone, for example 30."
        );

    internal static Problem Choice(string path, string written, IEnumerable<string> known) =>
        Of("plan-choice", $"{path} is '{written}'", $"Known here: {string.Join(", ", known)}.");

    internal static Problem Cron(string path, string written) =>
        Of(
            "plan-cron",
            $"{path} is '{written}', which is no cron expression",
            "Write minute, hour, day of month, month and day of week, in quotes: '0 4 * * *' is 04:00 every day, '0 2 * * 0' Sunday at 02:00."
        );

    internal static Problem Zone(string path, string written) =>
        Of(
            "plan-zone",
            $"{path} is '{written}', which is no time zone that this machine knows",
            "Write a name of the time zone database: UTC, Europe/Vienna. Install the package tzdata when the name is right."
        );

    internal static Problem ScheduleDrill(string path, string work) =>
        Of(
            "plan-schedule",
            work == "drill"
                ? $"{path} does not say which drill"
                : $"{path} names a drill, and what it does is '{work}'",
            "Write 'do: drill' and 'drill: NAME' together, or neither."
        );

    internal static Problem ScheduleAsset(string path, string work) =>
        Of(
            "plan-schedule",
            $"{path} names an asset, and '{work}' is work on the whole vault",
            "Remove 'asset', or let 'do' be backup or verify."
        );
}
