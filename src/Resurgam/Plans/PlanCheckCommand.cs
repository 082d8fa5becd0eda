using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

internal static class PlanCheckCommand
{
    public static Command Create()
    {
        Command command = new("check", "Read the plan file and list everything that is wrong with it.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    /// <returns>Exit code: 0 when nothing is wrong, 3 when something is (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var (plan, problems) = await session.ReadPlanAsync(cancellationToken) switch
        {
            PlanReading.Good(var good) => (good, []),
            PlanReading.Bad(var bad) => ((Plan?)null, bad),
            var other => throw new UnreachableException($"no answer is written for {other}"),
        };
        var document = new PlanCheckDocument(
            session.PlanPath,
            plan?.Hash,
            [.. problems.Select(p => new FindingView(p.Problem.Code, p.Line, p.Column, p.Problem.What, p.Problem.Hint))]
        );
        session.Output.Write(document, PlanDocuments.Json.PlanCheckDocument, text => WriteText(text, document, plan));
        return problems.Count == 0 ? ExitCode.Success : ExitCode.Plan;
    }

    private static void WriteText(TextWriter text, PlanCheckDocument document, Plan? plan)
    {
        foreach (var finding in document.Findings)
        {
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{document.File}:{finding.Line}:{finding.Column}: {finding.Message}"
                )
            );
            text.WriteLine($"  hint: {finding.Hint}");
            text.WriteLine($"  code: {finding.Code}");
        }
        text.WriteLine(
            plan is null
                ? $"{document.File}: {Count(document.Findings.Count, "problem")}"
                : $"{document.File}: nothing wrong; {Count(plan.Assets.Count, "asset")} in plan '{plan.Name}', hash {plan.Hash[..12]}"
        );
    }

    private static string Count(int number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
