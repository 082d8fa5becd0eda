using System.CommandLine;

namespace Resurgam.Drills;

internal static class DrillsCommand
{
    public static Command Create() =>
        new("drills", "Look at the drills of the plan, and at what came of them.")
        {
            DrillsListCommand.Create(),
            DrillsShowCommand.Create(),
            DrillsReportCommand.Create(),
        };
}
