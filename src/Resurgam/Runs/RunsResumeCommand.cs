using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Drills;
using Resurgam.Vaults;

namespace Resurgam.Runs;

internal static class RunsResumeCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var reason = RunOptions.Reason();
        var person = RunOptions.As();
        Option<bool> takeOver = new("--take-over")
        {
            Description = "Although another process was heard of in the last minute: you know that it is dead.",
        };
        var noWait = RunOptions.NoWait();
        Command command = new("resume", "Go on with a run, on this machine.") { run, reason, person, takeOver, noWait };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(run),
                    (line.GetValue(person), line.GetRequiredValue(reason).Trim()),
                    line.GetValue(takeOver),
                    !line.GetValue(noWait),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: as <c>run</c>.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        string wanted,
        (string? Person, string Reason) who,
        bool isForced,
        bool waits,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        var journal = await RunAccess.FindAsync(session, plan, vault, wanted, cancellationToken);
        var lead = await TakeLeadAsync(session, journal, who, isForced, cancellationToken);
        using var source = await RunAccess.OpenSourceAsync(session, plan, journal.State.Begun, cancellationToken);
        var work = RunAccess.OpenWork(session, RunAccess.PlanOf(plan, journal.State.Begun), vault, http, source);
        var code = await LeadAsync(session, journal, work, lead.Leader, waits, cancellationToken);
        await new DrillRunner(session, plan, vault).EndAsync(journal, cancellationToken);
        return code;
    }

    /// <summary>From here on this process does the steps, unless the run is at its end.</summary>
    /// <exception cref="ResurgamException"><c>run-led</c></exception>
    internal static async Task<RunEvent.Led> TakeLeadAsync(
        Session session,
        RunJournal journal,
        (string? Person, string Reason) who,
        bool isForced,
        CancellationToken cancellationToken
    )
    {
        var lead = RunAccess.NewLead(session, RunAccess.PersonOf(session, who.Person), who.Reason);
        var takes = isForced || RunAccess.IsDeadHere(journal.State);
        if (!await journal.TryLeadAsync(lead, takes, session.Time, cancellationToken) && journal.State.Result is null)
            throw RunProblems.Led(journal.Run, journal.State);
        return lead;
    }

    /// <summary>Does the steps until the run ends, waits for a person, or is led by another.</summary>
    internal static async Task<int> LeadAsync(
        Session session,
        RunJournal journal,
        IStepWork work,
        string leader,
        bool waits,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var turn = await new RunShell(session, journal).LeadAsync(work, leader, waits, cancellationToken);
            if (turn == RunTurn.Superseded)
                throw RunProblems.Led(journal.Run, journal.State);
        }
        catch (OperationCanceledException)
        {
            session.Output.Note($"the run is not at its end: resurgam runs resume {journal.Run} --reason TEXT");
            throw;
        }
        return Finish(session, journal);
    }

    internal static int Finish(Session session, RunJournal journal)
    {
        var document = RunDocument.Of(journal.Run, journal.State);
        session.Output.Write(document, RunDocuments.Json.RunDocument, text => RunText.Write(text, document));
        return journal.State.Result switch
        {
            RunResult.Completed => ExitCode.Success,
            RunResult.Aborted or RunResult.Failed => ExitCode.RunNotCompleted,
            null => ExitCode.RunWaits,
        };
    }
}
