using System.CommandLine;

namespace Resurgam.Runs;

/// <summary>What several commands of runs take.</summary>
internal static class RunOptions
{
    public static Argument<string> Run() =>
        new("run") { Description = "A run, or the beginning of its name ('runs list')." };

    public static Argument<string> Step() => new("step") { Description = "A step of its runbook." };

    public static Option<string> Reason() =>
        new("--reason")
        {
            Description = "Why, for the ledger.",
            HelpName = "TEXT",
            Required = true,
        };

    public static Option<string?> As() =>
        new("--as")
        {
            Description = "Who you are; else RESURGAM_PERSON, else who called sudo, else the user.",
            HelpName = "NAME",
        };

    public static Option<bool> NoWait() =>
        new("--no-wait") { Description = "End with code 40 when only a person can go on." };
}
