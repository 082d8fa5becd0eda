using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

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

    public static ResurgamException StepFailed(StepId step, string? what) =>
        new(
            new Problem(
                "demo-failed",
                Remedy.Report,
                $"step {step} did not do what it has to: {what ?? "nothing is known of it"}",
                "Run the demo with --keep and look at run.log and resume.log in the folder that it names."
            )
        );

    public static ResurgamException LeaderGone(RunId run, int exitCode) =>
        new(
            new Problem(
                "demo-failed",
                Remedy.Report,
                string.Create(CultureInfo.InvariantCulture, $"the process that led run {run} ended with {exitCode}"),
                "Run the demo with --keep and look at run.log and resume.log in the folder that it names."
            )
        );

    public static ResurgamException NoDuration(string option, string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} takes a duration, and '{text}' is none",
                "Write for example 90s, 15m or 2h."
            )
        );

    public static ResurgamException OnlyForScenarios(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is a promise of a scenario, and none is named",
                "Name one with --scenario, or a drill with --drill, or leave it out."
            )
        );

    public static ResurgamException OnlyForDrills(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} leaves a step of a drill out, and no drill is named",
                "Name one with --drill, or leave it out."
            )
        );

    public static ResurgamException NoStep(Runbook runbook, string step) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"runbook '{runbook.Id}' of the drill has no step '{step}'",
                $"Its steps: {string.Join(", ", runbook.Steps.Select(one => one.Id.Value))}."
            )
        );

    public static ResurgamException FolderFailed(string folder, Exception cause) =>
        new(
            new Problem(
                "demo-folder",
                Remedy.Fix,
                $"the demo cannot use {folder}: {cause.Message}",
                "Name a folder with --folder that this user can make; without the option it is one below the folder for temporary files."
            ),
            cause
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
