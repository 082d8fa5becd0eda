using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Processes;

/// <summary>Arguments are not repeated in any of these: they may tell more than a message should.</summary>
internal static class ProcessProblems
{
    public static ResurgamException Missing(string program) =>
        Of(
            "process-missing",
            Remedy.Fix,
            $"there is no program {program}",
            program.Contains('/')
                ? $"Check the path: 'ls -l {program}'."
                : $"Install it, or check that PATH holds its folder: 'command -v {program}'."
        );

    public static ResurgamException NoFolder(string program, string folder) =>
        Of(
            "process-folder",
            Remedy.Fix,
            $"{program} cannot start in {folder}: there is no such folder",
            $"Check it: 'ls -ld {folder}'."
        );

    public static ResurgamException NoUser(string program, string user) =>
        Of(
            "process-user",
            Remedy.Fix,
            $"{program} cannot run as user {user}: there is no such user",
            $"Check it: 'getent passwd {user}'."
        );

    public static ResurgamException NotRoot(string program, string user, string self) =>
        Of(
            "process-user",
            Remedy.Fix,
            $"{program} must run as user {user}, and this is user {self}, who may not become another",
            $"Run the command as {user} or as root: 'sudo -u {user} resurgam ...'."
        );

    public static ResurgamException NotStarted(string program, Exception cause) =>
        new(
            new Problem(
                "process-start",
                Remedy.Fix,
                $"{program} could not be started: {cause.Message}",
                $"Check that this user may run it: 'ls -l {program}'."
            ),
            cause
        );

    public static ResurgamException Timeout(string program, TimeSpan timeout, string errorEnd) =>
        Of(
            "process-timeout",
            Remedy.Retry,
            $"{program} was not done after {Duration.Format(timeout)} and was killed{Told(errorEnd)}",
            "Try again; when it hangs again, run it by hand and see what it waits for."
        );

    public static ResurgamException Failed(string program, int exitCode, string errorEnd) =>
        Of(
            "process-failed",
            Remedy.Fix,
            string.Create(CultureInfo.InvariantCulture, $"{program} ended with {exitCode}{Told(errorEnd)}"),
            $"Run {program} by hand with the same arguments; its own words say what it lacks."
        );

    /// <summary>The last lines that it wrote, on one line.</summary>
    private static string Told(string errorEnd)
    {
        var lines = errorEnd.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "" : $": {string.Join(" | ", lines.TakeLast(3))}";
    }

    private static ResurgamException Of(string code, Remedy remedy, string what, string hint) =>
        new(new Problem(code, remedy, what, hint));
}
