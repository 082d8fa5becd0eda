using System.Text;
using System.Text.Json;
using Resurgam.Adapters.Traces;
using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Runs;

namespace Resurgam.Drills;

/// <summary>Carries a drill of the plan out: claims its places, leads its run, undoes it whatever happens, and writes down what came of it.</summary>
/// <param name="told">Who hears how it goes; null: who ran the command.</param>
internal sealed class DrillRunner(Session session, Plan plan, Vault vault, Action<string>? told = null)
{
    /// <summary>For undoing after a signal: the second one ends the program at once, and the next drill tidies up.</summary>
    private static readonly TimeSpan UndoLimit = TimeSpan.FromMinutes(30);

    /// <summary>Others may begin drills of other places at the same time: each makes us look again.</summary>
    private const int MostTries = 100;

    private readonly Action<string> _tell = told ?? session.Output.Note;
    private readonly Dictionary<string, long?> _sizes = [];
    private readonly DrillBook _book = new(
        vault.Descriptor is null
            ? throw RunCommandProblems.PlainRepository()
            : LedgerAccess.OpenWriter(session, plan, vault)
    );

    /// <summary>The drill's steps, and what they touch.</summary>
    /// <exception cref="ResurgamException"><c>drill-refused</c>, <c>runbook-absent</c></exception>
    public (Runbook Runbook, Scenario Scenario, IReadOnlyList<string> Places) Prepare(Drill drill)
    {
        var (runbook, scenario) = Compose(plan, drill) ?? throw DrillProblems.NoRunbook(drill);
        DrillGuard guard = new(plan, runbook, session.Around.FindVariable);
        guard.Check();
        return (runbook, scenario, [.. guard.Places().Select(place => place.ToString()).Distinct()]);
    }

    /// <summary>How much the drill restores behind its fault, by the newest backups: its time grows with it.</summary>
    /// <returns>Null when it restores nothing, or that is not known.</returns>
    public async Task<long?> FindRestoredBytesAsync(Drill drill, Runbook composed, CancellationToken cancellationToken)
    {
        var prepared = DrillComposition.PreparedOf(drill).ToHashSet();
        var restores = composed
            .Steps.Where(step => step.TakesTimeInDrill && !prepared.Contains(step.Id))
            .Select(step => step.Action)
            .OfType<StepAction.VaultRestore>();
        long? sum = null;
        foreach (var restore in restores)
        {
            if (await FindSizeAsync(restore.Of, cancellationToken) is not { } size)
                return null;
            sum = (sum ?? 0) + size;
        }
        return sum;
    }

    /// <returns>Null when its scenario has no runbook.</returns>
    public async Task<DrillPrediction?> PredictAsync(
        Drill drill,
        DrillBook book,
        CancellationToken cancellationToken
    ) =>
        Compose(plan, drill) is { } made
            ? DrillPrediction.Of(
                made.Runbook,
                book.Of(drill.Name),
                await FindRestoredBytesAsync(drill, made.Runbook, cancellationToken)
            )
            : null;

    private async Task<long?> FindSizeAsync(string asset, CancellationToken cancellationToken)
    {
        if (!_sizes.TryGetValue(asset, out var size))
        {
            var stream = StreamName.OfAsset(asset);
            var told = await StreamHistory.ReadAsync(
                vault.OpenLedger(),
                stream,
                null,
                isWhole: false,
                cancellationToken
            );
            _sizes[asset] = size = told.History.LastBackup?.SizeBytes;
        }
        return size;
    }

    /// <returns>Null when its scenario has no runbook.</returns>
    public static (Runbook Runbook, Scenario Scenario)? Compose(Plan plan, Drill drill)
    {
        var scenario = plan.Scenarios.FirstOrDefault(one => one.Name == drill.Scenario);
        var runbook = plan.Runbooks.FirstOrDefault(one => one.Id.Value == scenario?.Runbook);
        return scenario is null || runbook is null
            ? null
            : (DrillComposition.Compose(drill, runbook, scenario.Objectives.Rto), scenario);
    }

    public static RunId NewRun(Session session, Drill drill) => RunAccess.NewRun(session, RunbookOf(drill));

    /// <summary>What its runs are called by.</summary>
    public static RunbookId RunbookOf(Drill drill) => new($"drill-{drill.Name}");

    /// <returns>Null when it is not at its end: an undo failed, and a person has to decide.</returns>
    public Task<DrillReport?> RunAsync(
        Drill drill,
        DrillRequest request,
        HttpMessageInvoker http,
        CancellationToken cancellationToken
    ) =>
        Spans.RunAsync(
            "drill",
            [("resurgam.drill.name", drill.Name), ("resurgam.scenario", drill.Scenario)],
            async span =>
            {
                var report = await DoAsync(drill, request, http, cancellationToken);
                if (report is not { Passed: true })
                    Spans.Fail(span, "drill-not-passed", string.Join("; ", report?.Reasons ?? ["an undo failed"]));
                return report;
            }
        );

    private async Task<DrillReport?> DoAsync(
        Drill drill,
        DrillRequest request,
        HttpMessageInvoker http,
        CancellationToken cancellationToken
    )
    {
        var (runbook, scenario, places) = Prepare(drill);
        var person = RunAccess.PersonOf(session, request.As);
        var run = request.Run ?? NewRun(session, drill);
        await ClaimAsync(drill, run, places, person, http, cancellationToken);
        var bytes = await FindRestoredBytesAsync(drill, runbook, cancellationToken);
        RunEvent.Begun begun = new()
        {
            Runbook = runbook,
            Targets = plan.Targets,
            Assets = runbook.AssetsAmong(plan.Assets),
            PlanHash = plan.Hash,
            Requester = person,
            Reason = request.Reason,
            At = request.At,
            IsDrill = true,
            Scenario = scenario.Name,
            Rehearsal = new Rehearsal
            {
                Drill = drill.Name,
                Title = drill.Title,
                Scenario = scenario.Name,
                Rto = scenario.Objectives.Rto,
                Rpo = scenario.Objectives.Rpo,
                HoldFor = drill.HoldFor,
                From = drill.From,
                Success = drill.Success,
                Prediction = DrillPrediction.Of(runbook, _book.Of(drill.Name), bytes),
                RestoredBytes = bytes,
                Prepared = [.. DrillComposition.PreparedOf(drill)],
                Faults = [.. DrillComposition.FaultsOf(drill)],
            },
        };
        var journal = RunAccess.OpenJournal(session, plan, vault, run);
        await journal.BeginAsync(begun, cancellationToken);
        _tell($"run {run}");
        try
        {
            await LeadAsync(journal, (person, request.Reason), isForced: false, http, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await UndoAfterSignalAsync(journal, person, http);
            throw;
        }
        return await EndAsync(journal, cancellationToken);
    }

    /// <summary>Undoes what a process that died has left of the drill.</summary>
    /// <returns>False: nothing was left.</returns>
    /// <exception cref="ResurgamException"><c>drill-open</c>: it may go on.</exception>
    public async Task<bool> UndoLeftAsync(
        Drill drill,
        DrillRequest request,
        HttpMessageInvoker http,
        CancellationToken cancellationToken
    )
    {
        await _book.CatchUpAsync(cancellationToken);
        if (_book.FindInTheWay(drill.Name, []) is not { } left)
            return false;
        await TidyUpAsync(left, RunAccess.PersonOf(session, request.As), http, cancellationToken);
        return true;
    }

    /// <summary>Writes what came of a drill whose run is at its end, unless it stands there already.</summary>
    /// <returns>Null when it is no drill of the plan, or not at its end.</returns>
    public async Task<DrillReport?> EndAsync(RunJournal journal, CancellationToken cancellationToken)
    {
        if (journal.State.Begun.Rehearsal is null || journal.State.Result is null)
            return null;
        await _book.CatchUpAsync(cancellationToken);
        var report = await ReportAsync(journal, cancellationToken);
        if (report is null || _book.Records.FirstOrDefault(one => one.Run == journal.Run) is not { } record)
            return report;
        var json = Encoding.UTF8.GetString(
            JsonSerializer.SerializeToUtf8Bytes(report, DrillDocuments.Json.DrillReport)
        );
        await _book.EndAsync(
            record,
            report.ToEnding(json) with
            {
                RestoredBytes = journal.State.Begun.Rehearsal.RestoredBytes,
            },
            cancellationToken
        );
        return report;
    }

    /// <returns>Null when the run is no drill of the plan.</returns>
    public async Task<DrillReport?> ReportAsync(RunJournal journal, CancellationToken cancellationToken)
    {
        List<LedgerEntry> entries = [];
        await foreach (var entry in vault.OpenLedger().ReadAsync(journal.Stream, 1, cancellationToken))
            entries.Add(entry);
        var past = journal.State.Begun.Rehearsal is { } rehearsal
            ? _book.Of(rehearsal.Drill).TakeWhile(record => record.Run != journal.Run)
            : [];
        return DrillReport.TryOf(journal.State, entries, past);
    }

    public async Task<DrillBook> ReadBookAsync(CancellationToken cancellationToken)
    {
        await _book.CatchUpAsync(cancellationToken);
        return _book;
    }

    /// <summary>Nobody else has these places from here on. What a process that died has left there is undone first.</summary>
    private async Task ClaimAsync(
        Drill drill,
        RunId run,
        IReadOnlyList<string> places,
        string person,
        HttpMessageInvoker http,
        CancellationToken cancellationToken
    )
    {
        await _book.CatchUpAsync(cancellationToken);
        for (var tries = 0; tries < MostTries; tries++)
            if (_book.FindInTheWay(drill.Name, places) is { } other)
                await TidyUpAsync(other, person, http, cancellationToken);
            else if (await _book.TryBeginAsync(drill.Name, run, places, cancellationToken))
                return;
        throw new System.Diagnostics.UnreachableException(
            $"drill {drill.Name} was kept from beginning {MostTries} times"
        );
    }

    private async Task TidyUpAsync(
        DrillRecord record,
        string person,
        HttpMessageInvoker http,
        CancellationToken cancellationToken
    )
    {
        var journal = RunAccess.OpenJournal(session, plan, vault, record.Run);
        try
        {
            await journal.CatchUpAsync(cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Code == "run-absent")
        {
            if (session.Time.GetUtcNow() - record.BegunAt < RunLead.Lease)
                throw DrillProblems.Open(record, "it begins just now");
            await _book.EndAsync(record, Never, cancellationToken);
            return;
        }
        if (journal.State.Result is null)
        {
            if (!IsDead(journal.State))
                throw DrillProblems.Open(record, $"led by {journal.State.LeaderPlace}");
            (told ?? session.Output.Warn)(
                $"drill {record.Drill} (run {record.Run}) was left in the middle: it is undone first"
            );
            const string reason = "its process is gone, and the place is needed for another drill";
            await journal.SayAsync(new RunVerb(RunVerbKind.Abort, person, reason), cancellationToken);
            await LeadAsync(journal, (person, reason), isForced: true, http, cancellationToken);
            if (journal.State.Result is null)
                throw DrillProblems.Open(record, "its undo waits for a person");
        }
        await EndAsync(journal, cancellationToken);
    }

    private static DrillEnding Never => new(false, ["it did not begin: its process was gone before"], null, null, null);

    private bool IsDead(RunState state) =>
        RunAccess.IsDeadHere(state) || session.Time.GetUtcNow() - state.LeaderSeenAt >= RunLead.Lease;

    private async Task UndoAfterSignalAsync(RunJournal journal, string person, HttpMessageInvoker http)
    {
        _tell("stopped: the drill is being undone; a second signal ends the program at once");
        using CancellationTokenSource limit = new(UndoLimit, session.Time);
        const string reason = "stopped by a signal";
        await journal.SayAsync(new RunVerb(RunVerbKind.Abort, person, reason), limit.Token);
        await LeadAsync(journal, (person, reason), isForced: true, http, limit.Token);
        await EndAsync(journal, limit.Token);
    }

    private async Task LeadAsync(
        RunJournal journal,
        (string Person, string Reason) who,
        bool isForced,
        HttpMessageInvoker http,
        CancellationToken cancellationToken
    )
    {
        using var source = await RunAccess.OpenSourceAsync(session, plan, journal.State.Begun, cancellationToken);
        var work = RunAccess.OpenWork(session, RunAccess.PlanOf(plan, journal.State.Begun), vault, http, source);
        var lead = RunAccess.NewLead(session, who.Person, who.Reason);
        if (!await journal.TryLeadAsync(lead, isForced, session.Time, cancellationToken))
            return; // it has ended meanwhile
        if (
            await new RunShell(session, journal, told).LeadAsync(work, lead.Leader, waits: false, cancellationToken)
            == RunTurn.Superseded
        )
            throw RunProblems.Led(journal.Run, journal.State);
    }
}
