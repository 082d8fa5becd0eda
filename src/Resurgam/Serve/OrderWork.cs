using System.Diagnostics;
using Resurgam.Adapters.Traces;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Orders;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Drills;
using Resurgam.RecoverySets;
using Resurgam.Runs;
using Resurgam.Vaults;
using Resurgam.Verifications;

namespace Resurgam.Serve;

/// <summary>Does what an order asks for, as the command of that name does it.</summary>
/// <param name="askedAt">When the order was written.</param>
/// <param name="told">Hears how it goes.</param>
internal sealed class OrderWork(Session session, Plan plan, Order order, DateTimeOffset askedAt, Action<string> told)
{
    /// <summary>What changes servers does not begin later: whoever asked has gone on without it.</summary>
    private static readonly TimeSpan LatestBegin = TimeSpan.FromMinutes(10);

    /// <summary>By an order that is taken up again: pauses of ten minutes in all.</summary>
    private const int MostTries = 14;

    /// <summary>Between tries; it doubles: each may leave an entry of its failure.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>All that can be known before it begins to be wrong.</summary>
    /// <exception cref="ResurgamException">As the command says it.</exception>
    public static void Check(Session session, Plan plan, Order order)
    {
        switch (order.Kind)
        {
            case OrderKind.Backup or OrderKind.Verify:
                if (plan.FindRecoverySet(order.Of) is null)
                    plan.GetAsset(order.Of);
                break;
            case OrderKind.Run:
                RunCommand.Prepare(session, plan, RunOf(order));
                break;
            case OrderKind.Resume: // the run itself tells
                break;
            case OrderKind.Drill:
                var drill = DrillCommand.Find(plan, DrillOf(order));
                var (runbook, _) = DrillRunner.Compose(plan, drill) ?? throw Core.Drills.DrillProblems.NoRunbook(drill);
                new Core.Drills.DrillGuard(plan, runbook, session.Around.FindVariable).Check();
                break;
        }
    }

    /// <summary>The name of the run that will come of it; null: none will.</summary>
    public static RunId? NewRun(Session session, Plan plan, Order order) =>
        order.Kind switch
        {
            OrderKind.Run => RunAccess.NewRun(session, RunCommand.Prepare(session, plan, RunOf(order)).Runbook.Id),
            OrderKind.Drill => DrillRunner.NewRun(session, DrillCommand.Find(plan, DrillOf(order))),
            OrderKind.Resume => new RunId(order.Of),
            OrderKind.Backup or OrderKind.Verify => null,
        };

    /// <summary>From the beginning, or from where a daemon that is dead had brought it.</summary>
    /// <param name="isAgain">Nobody waits for the answer: trouble that passes is waited out.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public Task<OrderEnding> DoAsync(bool isAgain, CancellationToken cancellationToken) =>
        Spans.RunAsync(
            $"order {Order.NameOf(order.Kind)}",
            [("resurgam.order", order.Id), ("resurgam.of", order.Of), ("resurgam.person", order.Person)],
            async span =>
            {
                var ending = await GuardAsync(isAgain, cancellationToken);
                if (!ending.Passed)
                    Spans.Fail(span, ending.Code ?? "order-not-passed", ending.What);
                return ending;
            }
        );

    private async Task<OrderEnding> GuardAsync(bool isAgain, CancellationToken cancellationToken)
    {
        try
        {
            return isAgain ? await InsistAsync(cancellationToken) : await TryAsync(isAgain, cancellationToken);
        }
        catch (ResurgamException e)
        {
            return new OrderEnding(Passed: false, e.Problem.What, e.Problem.Code);
        }
        catch (Exception e) when (session.FindFileFault(e)?.Problem is { } problem)
        {
            return new OrderEnding(Passed: false, problem.What, problem.Code);
        }
#pragma warning disable CA1031 // A root: the order's bug is its result, and the daemon goes on.
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            told($"a bug: {e}");
            return new OrderEnding(Passed: false, $"a bug: {e.Message}", "bug");
        }
    }

    /// <summary>A store that is away just now, or a leader that died and is not given up yet, is no end.</summary>
    private async Task<OrderEnding> InsistAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
            try
            {
                return await TryAsync(isAgain: true, cancellationToken);
            }
            catch (ResurgamException e) when (tries < MostTries && Passes(e.Problem))
            {
                told($"{e.Problem.What} ({e.Problem.Code}); it is tried again");
                await Task.Delay(pause, session.Time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
    }

    /// <summary>A drill that somebody else leads by now is theirs.</summary>
    private bool Passes(Problem problem) =>
        problem.Remedy == Remedy.Retry && (order.Kind != OrderKind.Drill || problem.Code != "run-led");

    private async Task<OrderEnding> TryAsync(bool isAgain, CancellationToken cancellationToken)
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        return order.Kind switch
        {
            OrderKind.Backup => await BackUpAsync(vault, cancellationToken),
            OrderKind.Verify => await VerifyAsync(vault, cancellationToken),
            OrderKind.Run or OrderKind.Resume => await LeadAsync(vault, isAgain, cancellationToken),
            OrderKind.Drill => await DrillAsync(vault, cancellationToken),
        };
    }

    private async Task<OrderEnding> BackUpAsync(Vault vault, CancellationToken cancellationToken)
    {
        IReadOnlyList<BackupDocument> documents = plan.FindRecoverySet(order.Of) is { } set
            ? (await SetBackup.RunAndRecordAsync(session, plan, set, vault, cancellationToken)).Assets
            : [await BackupCommand.RunAndRecordAsync(session, plan, plan.GetAsset(order.Of), vault, cancellationToken)];
        foreach (var finding in documents.SelectMany(document => document.Findings))
            told(finding);
        var flawed = documents.Any(document => document.Findings.Count > 0);
        return new OrderEnding(
            !flawed,
            $"{string.Join(", ", documents.Select(document => $"snapshot {document.Snapshot.Short} of {document.Asset}"))}{(flawed ? "; not everything of the source is in it" : "")}",
            Code: null
        );
    }

    private async Task<OrderEnding> VerifyAsync(Vault vault, CancellationToken cancellationToken)
    {
        var documents = plan.FindRecoverySet(order.Of) is { } set
            ? (await SetVerify.RunAndRecordAsync(session, plan, set, vault, cancellationToken)).Assets
            :
            [
                await VerifyCommand.RunAndRecordAsync(
                    session,
                    plan,
                    plan.GetAsset(order.Of),
                    vault,
                    order.Snapshot ?? "latest",
                    order.IsSnapshotOnly,
                    cancellationToken
                ),
            ];
        return new OrderEnding(
            documents.All(document => document.Passed),
            string.Join(", ", documents.Select(WordsOf)),
            Code: null
        );
    }

    private static string WordsOf(VerifyDocument document)
    {
        var failed = document.Checks.Where(check => !check.Passed).Select(check => $"{check.Name}: {check.Detail}");
        return $"snapshot {document.Snapshot.Short} of {document.Asset} {(document.Passed ? "is proven" : $"did not pass: {string.Join("; ", failed)}")}";
    }

    private async Task<OrderEnding> LeadAsync(Vault vault, bool isAgain, CancellationToken cancellationToken)
    {
        var journal = await BeginAsync(vault, cancellationToken);
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        // The word to take over was about the leader of then. Clocks differ, so that a new order is not held against them.
        var isLedSince = isAgain && journal.State.LedAt > askedAt;
        if (order.Kind == OrderKind.Resume && !isLedSince && journal.State.Result is null)
            CheckAge();
        var lead = await RunsResumeCommand.TakeLeadAsync(
            session,
            journal,
            (order.Person, order.Reason),
            order.TakesOver && !isLedSince,
            cancellationToken
        );
        using var source = await RunAccess.OpenSourceAsync(session, plan, journal.State.Begun, cancellationToken);
        var work = RunAccess.OpenWork(session, RunAccess.PlanOf(plan, journal.State.Begun), vault, http, source);
        var turn = await new RunShell(session, journal, told).LeadAsync(
            work,
            lead.Leader,
            waits: true,
            cancellationToken
        );
        if (turn == RunTurn.Superseded) // by somebody's word, which counts: the lead is not taken back
        {
            var problem = RunProblems.Led(journal.Run, journal.State).Problem;
            return new OrderEnding(Passed: false, problem.What, problem.Code);
        }
        await new DrillRunner(session, plan, vault, told).EndAsync(journal, cancellationToken);
        var result = journal.State.Result ?? throw new UnreachableException("who waits for people leads until the end");
        return new OrderEnding(
            result == RunResult.Completed,
            $"run {journal.Run} is {RunState.NameOf(result)}",
            Code: null
        );
    }

    /// <summary>The run of the order, begun unless it was before. Whoever asks for it finds it from then on.</summary>
    public async Task<RunJournal> BeginAsync(Vault vault, CancellationToken cancellationToken)
    {
        var run = order.Run ?? throw new UnreachableException($"{order} has no run");
        if (order.Kind == OrderKind.Resume || (await RunAccess.ListAsync(vault, cancellationToken)).Contains(run))
            return await RunAccess.FindAsync(session, plan, vault, run.Value, cancellationToken);
        CheckAge();
        var begun = RunCommand.Prepare(session, plan, RunOf(order));
        await RunCommand.CheckPointsAsync(plan, vault, begun, cancellationToken);
        var journal = RunAccess.OpenJournal(session, plan, vault, run);
        await journal.BeginAsync(begun, cancellationToken);
        return journal;
    }

    /// <exception cref="ResurgamException"><c>order-late</c></exception>
    private void CheckAge()
    {
        if (session.Time.GetUtcNow() - askedAt > LatestBegin)
            throw OrderProblems.Late(askedAt, LatestBegin);
    }

    /// <summary>A drill that was cut off is undone, and not begun again: nothing is broken twice for one word.</summary>
    private async Task<OrderEnding> DrillAsync(Vault vault, CancellationToken cancellationToken)
    {
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        DrillRunner runner = new(session, plan, vault, told);
        var request = DrillOf(order);
        var drill = DrillCommand.Find(plan, request);
        var book = await runner.ReadBookAsync(cancellationToken);
        if (book.Records.FirstOrDefault(record => record.Run == order.Run) is { } begun)
        {
            if (begun.Ending is { } ending)
                return new OrderEnding(ending.Passed, WordsOf(ending.Passed, ending.Reasons), Code: null);
            await runner.UndoLeftAsync(drill, request, http, cancellationToken);
            return new OrderEnding(Passed: false, "cut off in the middle, and undone", Code: null);
        }
        CheckAge();
        return await runner.RunAsync(drill, request, http, cancellationToken) switch
        {
            null => new OrderEnding(Passed: false, "an undo failed, and waits for a person", Code: null),
            var report => new OrderEnding(report.Passed, WordsOf(report.Passed, report.Reasons), Code: null),
        };
    }

    private static string WordsOf(bool passed, IEnumerable<string> reasons) =>
        passed ? "passed" : $"did not pass: {string.Join("; ", reasons)}";

    private static RunRequest RunOf(Order order) =>
        new(order.Of, order.Reason, order.At, order.Person, order.IsDrill, IsDryRun: false, Waits: true);

    private static DrillRequest DrillOf(Order order) =>
        new(order.Of, order.Reason, order.At, order.Person, Out: null, IsDryRun: false) { Run = order.Run };
}
