using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.Vaults;

namespace Resurgam.Drills;

internal static class DrillsListCommand
{
    public static Command Create()
    {
        Command command = new("list", "List the drills of the plan: when, how they went, and what is predicted.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        DrillRunner runner = new(session, plan, vault);
        var book = await runner.ReadBookAsync(cancellationToken);
        List<DrillLineView> lines = [];
        foreach (var drill in plan.Drills)
            lines.Add(LineOf(plan, drill, book, await runner.PredictAsync(drill, book, cancellationToken)));
        DrillsDocument document = new(lines);
        session.Output.Write(
            document,
            DrillDocuments.Json.DrillsDocument,
            text =>
            {
                foreach (var drill in document.Drills)
                    text.WriteLine(
                        $"{drill.Drill, -24} {StateOf(drill), -12} {Last(drill), -22} predicted {Span(drill.Predicted)}, promised {Span(drill.Rto)}  {drill.Title}"
                    );
                text.WriteLine($"{document.Drills.Count} drills");
            }
        );
        return ExitCode.Success;
    }

    internal static DrillLineView LineOf(Plan plan, Drill drill, DrillBook book, DrillPrediction? prediction)
    {
        var past = book.Of(drill.Name).ToList();
        var scenario = plan.Scenarios.FirstOrDefault(one => one.Name == drill.Scenario);
        return new DrillLineView(
            drill.Name,
            drill.Title,
            drill.Scenario,
            drill.Text.Length > 0,
            [.. plan.Schedules.Where(each => each.Drill == drill.Name).Select(each => each.Cron.ToString())],
            scenario?.Objectives.Rto,
            scenario?.Objectives.Rpo,
            prediction?.Likely,
            prediction?.Drills ?? 0,
            past.Count,
            past.Count(record => record.Ending?.Passed == true),
            past.LastOrDefault() is { } last
                ? new DrillLastView(
                    last.Run.Value,
                    last.BegunAt,
                    last.Ending?.Passed,
                    last.Ending?.Recovery,
                    last.Ending?.Loss,
                    last.Ending?.Reasons ?? []
                )
                : null
        );
    }

    private static string StateOf(DrillLineView drill) =>
        drill.Last is null
            ? drill.IsCarriedOut
                ? "never done"
                : "in words"
            : drill.Last.Passed switch
            {
                true => "passed",
                false => "FAILED",
                null => "open",
            };

    private static string Last(DrillLineView drill) =>
        drill.Last is { } last ? $"{last.At:yyyy-MM-dd HH:mm}Z {Span(last.Recovery)}" : "-";

    private static string Span(TimeSpan? span) => span is { } value ? Duration.Rough(value) : "-";
}
