using System.CommandLine;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

internal static class PlanSchemaCommand
{
    public static Command Create()
    {
        Command command = new("schema", "Print the JSON Schema of the plan file, for editors.");
        command.SetAction(line => Run(Session.Of(line)));
        return command;
    }

    /// <returns>Exit code: 0. No plan is read.</returns>
    internal static int Run(Session session)
    {
        var text = PlanSchema.Text();
        using var schema = JsonDocument.Parse(text);
        session.Output.Write(schema.RootElement, PlanDocuments.Json.JsonElement, writer => writer.Write(text));
        return ExitCode.Success;
    }
}
