using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Demo;

internal static class DemoProblems
{
    public static ResurgamException NoServerUser(string user) =>
        new(
            new Problem(
                "postgres-no-user",
                Remedy.Fix,
                $"PostgreSQL does not run as root, and there is no user {user} to run it as",
                "Run './resurgam demo', which installs PostgreSQL, or run the demo as an ordinary user."
            )
        );

    public static ResurgamException CommandFailed(string command, int exitCode, string error) =>
        new(
            new Problem(
                "demo-failed",
                Remedy.Report,
                string.Create(CultureInfo.InvariantCulture, $"'{command}' ended with {exitCode}: {error.Trim()}"),
                "Run the demo with --keep and look at the folder that it names."
            )
        );

    public static ResurgamException NotReady(string what) =>
        new(
            new Problem(
                "demo-failed",
                Remedy.Report,
                $"{what} did not happen in time",
                "Run the demo with --keep and look at stream.log in the folder that it names."
            )
        );

    public static ResurgamException FolderTaken(string folder) =>
        new(
            new Problem(
                "target-not-empty-refused",
                Remedy.Fix,
                $"{folder} is not empty",
                "Name a folder that is not there yet with --folder."
            )
        );
}
