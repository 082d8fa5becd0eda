using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Checks;

namespace Resurgam.Plans;

internal static class PlanCheckCommand
{
    private const string Error = "error";
    private const string Warning = "warning";

    public static Command Create()
    {
        Option<DateOnly?> today = new("--today")
        {
            Description = "The day that decides what is overdue, as 2026-03-08; without it this day.",
            HelpName = "DAY",
        };
        Command command = new(
            "check",
            "List everything that is wrong with the plan, and every promise that it cannot keep."
        )
        {
            today,
        };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetValue(today), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 when nothing is wrong or all findings are warnings, 3 when there is an error (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(Session session, DateOnly? day, CancellationToken cancellationToken)
    {
        var today = day ?? DateOnly.FromDateTime(session.Time.GetUtcNow().UtcDateTime);
        var (plan, findings) = await session.ReadPlanAsync(cancellationToken) switch
        {
            PlanReading.Good good => (good.Plan, ViewsOf(PlanCheck.Of(good.Plan, today), good.Marks)),
            PlanReading.Bad bad => (
                (Plan?)null,
                bad.Problems.Select(p => new FindingView(
                        p.Problem.Code,
                        Error,
                        p.Line,
                        p.Column,
                        p.Problem.What,
                        p.Problem.Hint
                    ))
                    .Concat(ViewsOf(PlanCheck.Of(bad), bad.Marks))
                    .OrderBy(finding => (finding.Line, finding.Column))
            ),
            var other => throw new UnreachableException($"no answer is written for {other}"),
        };
        var document = new PlanCheckDocument(session.PlanPath, plan?.Hash, [.. findings]);
        session.Output.Write(document, PlanDocuments.Json.PlanCheckDocument, text => WriteText(text, document, plan));
        return document.Findings.Any(finding => finding.Severity == Error) ? ExitCode.Plan : ExitCode.Success;
    }

    private static IEnumerable<FindingView> ViewsOf(IEnumerable<Finding> findings, PlanMarks marks) =>
        findings
            .Select(finding => (Finding: finding, At: marks.Of(finding.Path)))
            .OrderBy(each => each.At)
            .Select(each => new FindingView(
                each.Finding.Code,
                each.Finding.Severity == FindingSeverity.Error ? Error : Warning,
                each.At.Line,
                each.At.Column,
                each.Finding.What,
                each.Finding.Hint
            ));

    private static void WriteText(TextWriter text, PlanCheckDocument document, Plan? plan)
    {
        foreach (var finding in document.Findings)
        {
            var severity = finding.Severity == Warning ? "warning: " : "";
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{document.File}:{finding.Line}:{finding.Column}: {severity}{finding.Message}"
                )
            );
            text.WriteLine($"  hint: {finding.Hint}");
            text.WriteLine($"  code: {finding.Code}");
        }
        if (plan is null)
            text.WriteLine($"{document.File}: {Count(document.Findings.Count, "problem")}");
        else
            text.WriteLine(
                $"{document.File}: {Verdict(document.Findings)}; {Count(plan.Assets.Count, "asset")} in plan '{plan.Name}', hash {plan.Hash[..12]}"
            );
    }

    private static string Verdict(IReadOnlyList<FindingView> findings)
    {
        var errors = findings.Count(finding => finding.Severity == Error);
        return (errors, findings.Count - errors) switch
        {
            (0, 0) => "nothing wrong",
            (0, var warnings) => Count(warnings, "warning"),
            (_, 0) => Count(errors, "error"),
            (_, var warnings) => $"{Count(errors, "error")}, {Count(warnings, "warning")}",
        };
    }

    private static string Count(int number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
