using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Restores;
using Resurgam.Status;
using Resurgam.Vaults;

namespace Resurgam.Runs;

/// <param name="Reason">Why the run is begun, for the ledger.</param>
/// <param name="As">A person's name; null: by the surroundings.</param>
/// <param name="Waits">False: end when only a person can go on.</param>
internal sealed record RunRequest(
    string Runbook,
    string Reason,
    string? At,
    string? As,
    bool IsDrill,
    bool IsDryRun,
    bool Waits
);

internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string> runbook = new("runbook")
        {
            Description = "A runbook of the plan, or a scenario: then its runbook.",
        };
        Option<string?> reason = new("--reason") { Description = "Why, for the ledger.", HelpName = "TEXT" };
        Option<string?> at = new("--at")
        {
            Description = $"Recovery point for its restores: {RecoveryTarget.Forms}.",
            HelpName = "POINT",
        };
        var person = RunOptions.As();
        Option<bool> drill = new("--drill")
        {
            Description =
                "On the targets of the drill; nothing goes outward, nobody is asked, all is undone at the end.",
        };
        Option<bool> dryRun = new("--dry-run")
        {
            Description = "Show each step, what it would touch now, and how long it will take.",
        };
        var noWait = RunOptions.NoWait();
        Command command = new("run", "Carry a runbook out, step by step, so that any machine can go on with it.")
        {
            runbook,
            reason,
            at,
            person,
            drill,
            dryRun,
            noWait,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    new RunRequest(
                        line.GetRequiredValue(runbook),
                        line.GetValue(reason) ?? (line.GetValue(drill) ? "a drill" : "not given"),
                        line.GetValue(at),
                        line.GetValue(person),
                        line.GetValue(drill),
                        line.GetValue(dryRun),
                        !line.GetValue(noWait)
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when it is completed; 40 while it waits for a person; 41 when it was aborted or the drill failed.</returns>
    internal static async Task<int> RunAsync(Session session, RunRequest request, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var begun = Prepare(session, plan, request);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        var work = RunAccess.OpenWork(session, plan, vault, http);
        if (request.IsDryRun)
        {
            var predicted = await PredictAsync(session, plan, vault, begun, cancellationToken);
            var code = await ShowAsync(session, work, begun, predicted, drill: null, cancellationToken);
            await CheckPointsAsync(plan, vault, begun, cancellationToken);
            return code;
        }
        await CheckPointsAsync(plan, vault, begun, cancellationToken);
        var journal = await LedgerHome.BeginAsync(
            session,
            plan,
            vault,
            async token =>
            {
                var run = RunAccess.NewRun(session, begun.Runbook.Id);
                var opened = RunAccess.OpenJournal(session, plan, vault, run);
                await opened.BeginAsync(begun, token);
                return opened;
            },
            cancellationToken
        );
        session.Output.Note($"run {journal.Run}");
        var lead = RunAccess.NewLead(session, begun.Requester, begun.Reason);
        if (!await journal.TryLeadAsync(lead, isForced: false, session.Time, cancellationToken))
            throw RunProblems.Led(journal.Run, journal.State);
        return await RunsResumeCommand.LeadAsync(session, journal, work, lead.Leader, request.Waits, cancellationToken);
    }

    /// <summary>A run as it would begin.</summary>
    /// <exception cref="ResurgamException"><c>runbook-absent</c>, <c>drill-refused</c>; the recovery point is none.</exception>
    internal static RunEvent.Begun Prepare(Session session, Plan plan, RunRequest request)
    {
        var (runbook, scenario) = Find(plan, request.Runbook);
        if (request.At is { } at && RecoveryTarget.TryParse(at) is null)
            throw RestoreFlowProblems.BadTarget(at);
        if (request.IsDrill)
            new DrillGuard(plan, runbook, session.Around.FindVariable).Check();
        return new RunEvent.Begun
        {
            Runbook = runbook,
            Targets = plan.Targets,
            Assets = runbook.AssetsAmong(plan.Assets),
            PlanHash = plan.Hash,
            Requester = RunAccess.PersonOf(session, request.As),
            Reason = request.Reason,
            At = request.At,
            IsDrill = request.IsDrill,
            Scenario = scenario?.Name,
        };
    }

    /// <summary>Each restore of the run has a snapshot for the recovery point, so that it is not found out after half of the steps.</summary>
    /// <exception cref="ResurgamException"><c>recovery-point-absent</c>, <c>snapshot-absent</c>, <c>usage</c></exception>
    internal static async Task CheckPointsAsync(
        Plan plan,
        Vault vault,
        RunEvent.Begun begun,
        CancellationToken cancellationToken
    )
    {
        if (begun.At is not { } at)
            return;
        var actions = begun
            .Runbook.Steps.Where(step => !begun.IsDrill || step.InDrill == DrillBehaviour.Run)
            .Select(step => step.Action)
            .ToList();
        var backedUp = actions.OfType<StepAction.VaultBackup>().Select(backup => backup.Asset).ToHashSet();
        foreach (var restore in actions.OfType<StepAction.VaultRestore>())
            if (restore.At == StepAction.VaultRestore.AtOfRun && !backedUp.Contains(restore.Of))
                await RestoreCommand.ChooseAsync(
                    vault,
                    plan,
                    VaultWork.RequestOf(restore, restore.To, at),
                    cancellationToken
                );
    }

    /// <summary>A runbook by its name, else the runbook of the scenario of that name.</summary>
    private static (Runbook Runbook, Scenario? Scenario) Find(Plan plan, string wanted)
    {
        var scenario = plan.Scenarios.FirstOrDefault(one => one.Name == wanted);
        if (plan.Runbooks.FirstOrDefault(one => one.Id.Value == wanted) is { } named)
            return (named, scenario?.Runbook == wanted ? scenario : null);
        if (scenario is null)
            throw RunCommandProblems.NoRunbook(plan, wanted);
        return (
            plan.Runbooks.FirstOrDefault(one => one.Id.Value == scenario.Runbook)
                ?? throw RunCommandProblems.NoRunbookOf(scenario),
            scenario
        );
    }

    /// <summary>As <c>status</c> does; by the estimates alone when the vault does not tell what was measured.</summary>
    internal static async Task<RunbookPrediction> PredictAsync(
        Session session,
        Plan plan,
        Vault vault,
        RunEvent.Begun begun,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var seen = await new StatusReader(session, plan, vault).ReadAsync(plan.Assets, cancellationToken);
            return RunbookPrediction.Of(begun.Runbook, seen.Assets, seen.Times, begun.IsDrill);
        }
        catch (ResurgamException e)
        {
            session.Output.Warn($"by the plan's estimates: what was measured cannot be read: {e.Problem.What}");
            return RunbookPrediction.Of(begun.Runbook, [], StepTimes.None, begun.IsDrill);
        }
    }

    /// <param name="drill">Of a drill of the plan: from its fault on. Null: it is none.</param>
    internal static async Task<int> ShowAsync(
        Session session,
        IStepWork work,
        RunEvent.Begun begun,
        RunbookPrediction predicted,
        DrillPrediction? drill,
        CancellationToken cancellationToken
    )
    {
        List<RunPlanStepView> steps = [];
        foreach (var step in begun.Runbook.Steps)
            steps.Add(
                new RunPlanStepView(
                    step.Id.Value,
                    step.Title,
                    step.Action.Describe(),
                    [.. step.Needs.Select(need => need.Value)],
                    await LookAsync(work, begun, step, cancellationToken),
                    step.Approval is null || begun.IsDrill ? null : ApprovalOf(step.Approval),
                    step.Risk switch
                    {
                        Risk.Low => "low",
                        Risk.Medium => "medium",
                        Risk.High => "high",
                    },
                    step.IsUndoneByAction(begun.IsDrill) ? "by itself" : step.Undo?.Describe(),
                    step.Estimate,
                    predicted.Steps[step.Id] is { Source: not TimeSource.Nobody } time ? time.Time.Likely : null,
                    predicted.Steps[step.Id] is { Source: not TimeSource.Nobody and var source }
                        ? ScenarioStepView.NameOf(source)
                        : null
                )
            );
        RunPlanDocument document = new(
            begun.Runbook.Id.Value,
            begun.Runbook.Title,
            begun.Scenario,
            begun.IsDrill,
            steps,
            drill?.Likely ?? predicted.Time.Likely,
            drill?.Least ?? predicted.Time.Least,
            drill?.Most ?? predicted.Time.Most,
            drill?.Drills ?? 0,
            [.. predicted.CriticalPath.Select(step => step.Step.Value)],
            [.. predicted.Unknown.Select(id => id.Value)]
        );
        session.Output.Write(document, RunDocuments.Json.RunPlanDocument, text => RunText.Write(text, document));
        return ExitCode.Success;
    }

    /// <summary>What cannot be seen now is told as such: a dry run in the middle of a disaster shows the rest all the same.</summary>
    private static async Task<string> LookAsync(
        IStepWork work,
        RunEvent.Begun begun,
        RunbookStep step,
        CancellationToken cancellationToken
    )
    {
        if (begun.IsDrill && step.WhyNotInDrill is { } why)
            return $"not done in a drill: {why}";
        if (step.Action.IsForPeople)
            return "a person does it";
        var call = StepCall.Planned(begun, step);
        var now = await ToldAsync(async () => (await work.LookAsync(call, cancellationToken)).What, "cannot be seen");
        if (step.Precondition is { } first)
            now +=
                "; "
                + await ToldAsync(
                    async () =>
                        Words(await work.AskAsync(first, call, cancellationToken), "may begin", "may not begin"),
                    "its precondition cannot be asked"
                );
        if (step.Postcondition is { } last)
            now +=
                "; "
                + await ToldAsync(
                    async () =>
                        Words(await work.AskAsync(last, call, cancellationToken), "done already", "not done yet"),
                    "its postcondition cannot be asked"
                );
        else if (step.Action is StepAction.Command { Probe: not null })
            now +=
                "; "
                + await ToldAsync(
                    async () =>
                        await work.ProbeAsync(call, cancellationToken) == true ? "done already" : "not done yet",
                    "its probe cannot be asked"
                );
        return now;

        static string Words(ConditionReport asked, string holds, string doesNot) =>
            $"{(asked.Holds ? holds : doesNot)}: {asked.What}";
    }

    private static async Task<string> ToldAsync(Func<Task<string>> look, string otherwise)
    {
        try
        {
            return await look();
        }
        catch (ResurgamException e)
        {
            return $"{otherwise}: {e.Problem.What} ({e.Problem.Code})";
        }
    }

    private static string ApprovalOf(ApprovalRule rule) =>
        (rule.By.Count > 0 ? string.Join(" or ", rule.By) : "anybody")
        + (rule.IsTwoPerson ? ", and not who asked for the run" : "");
}
