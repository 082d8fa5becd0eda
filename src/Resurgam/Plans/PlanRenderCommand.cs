using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans.Rendering;

namespace Resurgam.Plans;

internal static class PlanRenderCommand
{
    private const string Markdown = "markdown";
    private const string Html = "html";

    public static Command Create()
    {
        Option<string> format = new("--format")
        {
            Description = "markdown, or html: one file that needs no other.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => Markdown,
        };
        format.AcceptOnlyFromAmong(Markdown, Html);
        Command command = new("render", "Write the plan as the document that people sign.") { format };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetValue(format) == Html ? DocumentFormat.Html : DocumentFormat.Markdown,
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0; a plan with problems is an error (3).</returns>
    internal static async Task<int> RunAsync(
        Session session,
        DocumentFormat format,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var text = PlanDocument.Render(plan, format);
        session.Output.Write(
            new PlanRenderDocument(plan.Hash, text),
            PlanDocuments.Json.PlanRenderDocument,
            writer => writer.Write(text)
        );
        return ExitCode.Success;
    }
}
