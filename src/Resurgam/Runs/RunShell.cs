using Resurgam.Adapters.Traces;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;

namespace Resurgam.Runs;

/// <summary>Leads a run, or looks on, until it ends: turn after turn, telling what changes.</summary>
/// <param name="told">Who hears it; null: who ran the command.</param>
internal sealed class RunShell(Session session, RunJournal journal, Action<string>? told = null)
{
    /// <summary>How often words of people and of other processes are looked for.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Between tries while the store is out of reach.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Action<string> _tell = told ?? session.Output.Note;
    private readonly Dictionary<StepId, string> _told = [];
    private string _waits = "";

    /// <param name="waits">False: return when only a person can go on.</param>
    public Task<RunTurn> LeadAsync(IStepWork work, string leader, bool waits, CancellationToken cancellationToken) =>
        Spans.RunAsync(
            "run",
            [
                ("resurgam.run", journal.Run.Value),
                ("resurgam.runbook", journal.State.Begun.Runbook.Id.Value),
                ("resurgam.person", journal.State.Begun.Requester),
                ("resurgam.drill", journal.State.Begun.IsDrill),
            ],
            async span =>
            {
                var turn = await TurnAsync(work, leader, waits, cancellationToken);
                span?.SetTag("resurgam.run.result", journal.State.Result is { } end ? RunState.NameOf(end) : "open");
                if (journal.State.Result is RunResult.Aborted or RunResult.Failed)
                    Spans.Fail(span, "run-not-completed", $"the run is {RunState.NameOf(journal.State.Result.Value)}");
                return turn;
            }
        );

    private async Task<RunTurn> TurnAsync(
        IStepWork work,
        string leader,
        bool waits,
        CancellationToken cancellationToken
    )
    {
        await using RunInterpreter interpreter = new(journal, work, session.Time, leader);
        while (true)
        {
            var turn = await TryTurnAsync(interpreter, cancellationToken);
            Tell();
            if (turn is RunTurn.Ended or RunTurn.Superseded || (turn == RunTurn.Waiting && !waits))
                return turn.Value;
            using var tick = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var pause = Task.Delay(turn is null ? Pause : Poll, session.Time, tick.Token);
            // While the store is away, what has ended stays unwritten: it must not call for turn after turn.
            await (turn is null ? pause : Task.WhenAny([.. interpreter.Running, pause]));
            await tick.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Looks on without doing anything.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await journal.CatchUpAsync(cancellationToken);
            Tell();
            if (journal.State.Result is not null)
                return;
            await Task.Delay(Poll, session.Time, cancellationToken);
        }
    }

    /// <returns>Null when the store was out of reach: nothing begins that is not written, and it is tried again.</returns>
    private async Task<RunTurn?> TryTurnAsync(RunInterpreter interpreter, CancellationToken cancellationToken)
    {
        try
        {
            return await interpreter.TurnAsync(cancellationToken);
        }
        catch (ResurgamException e)
            when (e.Problem.Remedy == Remedy.Retry || e.Problem.Code == StoreProblems.AbsentCode)
        {
            (told ?? session.Output.Warn)(
                $"{e.Problem.What} ({e.Problem.Code}); no step begins until the vault is in reach"
            );
            return null;
        }
    }

    private void Tell()
    {
        var state = journal.State;
        foreach (var step in state.Steps)
        {
            var now = LineOf(step);
            if (_told.GetValueOrDefault(step.Step.Id, "waiting") != now)
                _tell($"{step.Step.Id}: {now}");
            _told[step.Step.Id] = now;
        }
        var document = RunDocument.Of(journal.Run, state);
        var waits = string.Join('\n', document.Waits.Select(wait => $"{wait.Step} waits for a person: {wait.Hint}"));
        if (waits != _waits && waits.Length > 0)
            _tell(waits);
        _waits = waits;
    }

    private static string LineOf(StepState step)
    {
        var line = RunRules.NameOf(step.Status);
        if (step.Status is not (StepStatus.Waiting or StepStatus.Running) && step.Report is { } report)
            line += $", {report.What}";
        return step.Undo switch
        {
            UndoStatus.None => line,
            UndoStatus.Running => "being undone",
            UndoStatus.Done => "undone",
            UndoStatus.Failed => $"undo failed, {step.UndoReport?.What}",
            UndoStatus.Skipped => "left as it is",
        };
    }
}
