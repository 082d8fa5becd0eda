using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Restores;
using Resurgam.Runs;
using Resurgam.Vaults;

namespace Resurgam.Drills;

/// <param name="Reason">Why, for the ledger.</param>
/// <param name="At">Recovery point for its restores; null: the latest.</param>
/// <param name="As">A person's name; null: by the surroundings.</param>
/// <param name="Out">Absolute path for the report; null: none is written.</param>
internal sealed record DrillRequest(string Drill, string Reason, string? At, string? As, string? Out, bool IsDryRun)
{
    /// <summary>Its name, when it was chosen before. Null: it is chosen when it begins.</summary>
    public RunId? Run { get; init; }
}

internal static class DrillCommand
{
    public static Command Create()
    {
        Argument<string> drill = new("drill") { Description = "A drill of the plan ('drills list')." };
        Option<string?> reason = new("--reason") { Description = "Why, for the ledger.", HelpName = "TEXT" };
        Option<string?> at = new("--at")
        {
            Description = $"Recovery point for its restores: {RecoveryTarget.Forms}.",
            HelpName = "POINT",
        };
        var person = RunOptions.As();
        var report = DrillsReportCommand.OutOption();
        Option<bool> dryRun = new("--dry-run")
        {
            Description = "Show each step and what it would touch now; nothing is broken.",
        };
        Command command = new(
            "drill",
            "Break something on purpose in an isolated place, recover, measure, and undo it all."
        )
        {
            drill,
            reason,
            at,
            person,
            report,
            dryRun,
        };
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                DrillRequest request = new(
                    line.GetRequiredValue(drill),
                    line.GetValue(reason) ?? "a drill",
                    line.GetValue(at),
                    line.GetValue(person),
                    line.GetValue(report) is { } path ? session.AbsolutePath(path) : null,
                    line.GetValue(dryRun)
                );
                return RunAsync(session, request, cancellationToken);
            }
        );
        return command;
    }

    /// <exception cref="ResurgamException"><c>drill-absent</c>; the recovery point is none.</exception>
    internal static Drill Find(Plan plan, DrillRequest request)
    {
        if (request.At is { } at && RecoveryTarget.TryParse(at) is null)
            throw RestoreFlowProblems.BadTarget(at);
        return plan.Drills.FirstOrDefault(one => one.Name == request.Drill)
            ?? throw DrillProblems.Absent(plan, request.Drill);
    }

    /// <returns>Exit code: 0 when it passed; 41 when it did not; 40 when an undo waits for a person.</returns>
    internal static async Task<int> RunAsync(Session session, DrillRequest request, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var drill = Find(plan, request);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        DrillRunner runner = new(session, plan, vault);
        if (request.IsDryRun)
        {
            var (runbook, scenario, _) = runner.Prepare(drill);
            RunEvent.Begun planned = new()
            {
                Runbook = runbook,
                Targets = plan.Targets,
                Assets = runbook.AssetsAmong(plan.Assets),
                PlanHash = plan.Hash,
                Requester = RunAccess.PersonOf(session, request.As),
                Reason = request.Reason,
                At = request.At,
                IsDrill = true,
                Scenario = scenario.Name,
            };
            var book = await runner.ReadBookAsync(cancellationToken);
            return await RunCommand.ShowAsync(
                session,
                RunAccess.OpenWork(session, plan, vault, http),
                planned,
                await RunCommand.PredictAsync(session, plan, vault, planned, cancellationToken),
                await runner.PredictAsync(drill, book, cancellationToken),
                cancellationToken
            );
        }
        if (await runner.RunAsync(drill, request, http, cancellationToken) is not { } report)
        {
            session.Output.Warn(
                "an undo failed: 'resurgam runs list --open' and 'runs show' say what waits for a person"
            );
            return ExitCode.RunWaits;
        }
        if (request.Out is { } path)
            await DrillsReportCommand.WriteFileAsync(session, report, path, cancellationToken);
        session.Output.Write(report, DrillDocuments.Json.DrillReport, text => DrillText.Write(text, report));
        return report.Passed ? ExitCode.Success : ExitCode.RunNotCompleted;
    }
}
