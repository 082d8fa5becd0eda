using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Expiry;

public static class ExpiryProblems
{
    public static ResurgamException ClockBehind(DateTimeOffset now, DateTimeOffset newest) =>
        Fix(
            "expire-clock-refused",
            $"the clock of this machine says {Text(now)}, and the vault holds something of {Text(newest)}",
            "Set the clock ('timedatectl'), then run it again. Nothing expires by a clock that is wrong."
        );

    public static ResurgamException ClockAhead(DateTimeOffset now, DateTimeOffset? newest) =>
        Fix(
            "expire-clock-refused",
            $"the clock of this machine says {Text(now)}, and the newest thing in the vault is {(newest is { } at ? $"of {Text(at)}" : "missing")}: either the clock is wrong or nothing was backed up since",
            "Compare 'date -u'. If the clock is right, back up first ('resurgam backup'): nothing expires while nothing new comes."
        );

    public static ResurgamException NoRules() =>
        Fix(
            "expire-no-rules",
            "the plan does not say how long things are kept",
            "Add 'retention: { point-in-time: 90d }' to the plan; docs/operations/retention.md explains it."
        );

    public static ResurgamException NoHold(string wanted) =>
        Fix(
            "hold-absent",
            $"no legal hold, or more than one, begins with {wanted}",
            "'resurgam vault hold list' shows all of them; give more digits of the id."
        );

    private static ResurgamException Fix(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));

    private static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
