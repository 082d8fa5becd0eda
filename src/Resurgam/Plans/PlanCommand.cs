using System.CommandLine;

namespace Resurgam.Plans;

internal static class PlanCommand
{
    public static Command Create() =>
        new("plan", "The file that states what must survive.")
        {
            PlanCheckCommand.Create(),
            PlanShowCommand.Create(),
            PlanDiffCommand.Create(),
            PlanRenderCommand.Create(),
            PlanSchemaCommand.Create(),
        };
}
