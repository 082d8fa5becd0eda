using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;
using Resurgam.Vaults;

namespace Resurgam.Drills;

internal static class DrillsShowCommand
{
    public static Command Create()
    {
        Argument<string> drill = new("drill") { Description = "A drill of the plan." };
        Command command = new("show", "Show what a drill would do, where, and how it went before.") { drill };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(drill), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string wanted, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var drill = plan.Drills.FirstOrDefault(one => one.Name == wanted) ?? throw DrillProblems.Absent(plan, wanted);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        DrillRunner runner = new(session, plan, vault);
        var book = await runner.ReadBookAsync(cancellationToken);
        var (runbook, _, places) = runner.Prepare(drill);
        DrillDocument document = new(
            DrillsListCommand.LineOf(plan, drill, book, await runner.PredictAsync(drill, book, cancellationToken)),
            drill.From,
            drill.HoldFor,
            drill.Success,
            drill.AbortWhen,
            places,
            [
                .. runbook.Steps.Select(step => new DrillStepView(
                    step.Id.Value,
                    step.Title,
                    step.Action.Describe(),
                    [.. step.Needs.Select(need => need.Value)],
                    step.InDrill == DrillBehaviour.Run && !step.Action.IsForPeople ? "run" : "skip"
                )),
            ],
            DrillDeviation.Compare(book.Of(drill.Name))
        );
        session.Output.Write(document, DrillDocuments.Json.DrillDocument, text => Write(text, document));
        return ExitCode.Success;
    }

    private static void Write(TextWriter text, DrillDocument document)
    {
        var line = document.Drill;
        text.WriteLine($"{line.Title} ({line.Drill}), a drill of scenario {line.Scenario}");
        text.WriteLine($"  promised   RTO {Span(line.Rto)}, RPO {Span(line.Rpo)}");
        text.WriteLine(
            $"  predicted  {Span(line.Predicted)}, {(line.PredictedFromDrills == 0 ? "by the estimates of its steps" : DrillText.From(line.PredictedFromDrills))}"
        );
        text.WriteLine($"  restores   from {document.From ?? "the vault's own place"}");
        text.WriteLine($"  holds for  {Duration.Format(document.HoldFor)}");
        text.WriteLine($"  places     {string.Join(", ", document.Places)}");
        foreach (var word in document.Success)
            text.WriteLine($"  passes if  {word}");
        foreach (var step in document.Steps)
        {
            var needs = step.Needs.Count > 0 ? $", after {string.Join(", ", step.Needs)}" : "";
            text.WriteLine($"  {step.InDrill, -10} {step.Step}: {step.Action}{needs}");
        }
        foreach (var past in document.Past)
            text.WriteLine(
                $"  {(past.Passed ? "passed" : "FAILED"), -10} {past.At:yyyy-MM-dd HH:mm}Z in {Span(past.Measured)}, predicted {Span(past.Predicted)}{(past.ErrorPercent is { } error ? $", {error} % off" : "")}"
            );
    }

    private static string Span(TimeSpan? span) => span is { } value ? Duration.Rough(value) : "-";
}
