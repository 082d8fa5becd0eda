using System.CommandLine;

namespace Resurgam.Retention;

internal static class HoldCommand
{
    public static Command Create() =>
        new("hold", "Legal holds: what must not expire, by whose word and why.")
        {
            HoldAddCommand.Create(),
            HoldListCommand.Create(),
            HoldReleaseCommand.Create(),
        };

    public static Option<string> NewReasonOption() =>
        new("--reason")
        {
            Description = "Why, for the ledger: a case number, never names of patients.",
            HelpName = "TEXT",
            Required = true,
        };
}
