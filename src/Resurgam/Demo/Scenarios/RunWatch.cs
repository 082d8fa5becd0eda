using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Runs;
using Resurgam.Vaults;

namespace Resurgam.Demo.Scenarios;

/// <summary>The run as the vault has it: what another machine would see.</summary>
internal sealed class RunWatch : IDisposable
{
    private readonly Vault _vault;
    private readonly RunJournal _journal;

    private RunWatch(Plan plan, Vault vault, RunJournal journal) => (Plan, _vault, _journal) = (plan, vault, journal);

    public Plan Plan { get; }

    public RunId Run => _journal.Run;

    public RunState State => _journal.State;

    /// <returns>Null when no run has been begun yet.</returns>
    public static async Task<RunWatch?> TryOpenAsync(
        Session session,
        string planPath,
        string? from,
        CancellationToken cancellationToken
    )
    {
        var plan = await Session.LoadPlanAsync(planPath, cancellationToken);
        var place = PlaceAccess.Get(plan, from ?? ReplicaPlace.Primary);
        var vault = await VaultAccess.OpenAsync(session, plan, place, cancellationToken);
        try
        {
            if (await RunAccess.ListAsync(vault, cancellationToken) is [var run, ..])
            {
                RunWatch watch = new(plan, vault, RunAccess.OpenJournal(session, plan, vault, run));
                await watch.LookAsync(cancellationToken);
                return watch;
            }
        }
        catch (ResurgamException e) when (e.Problem.Code == "run-absent")
        {
            // Its stream is there, its first entry in a moment.
        }
        vault.Dispose();
        return null;
    }

    public Task LookAsync(CancellationToken cancellationToken) => _journal.CatchUpAsync(cancellationToken);

    /// <summary>The report of the run, by its objectives in the plan.</summary>
    public async Task<DrillReport> ReportAsync(
        DemoScenario scenario,
        DrillMeasures measured,
        CancellationToken cancellationToken
    )
    {
        List<LedgerEntry> entries = [];
        await foreach (var entry in _vault.OpenLedger().ReadAsync(_journal.Stream, 1, cancellationToken))
            entries.Add(entry);
        var planned = Plan.Scenarios.Single(one => one.Name == scenario.InPlan);
        Rehearsal rehearsal = new()
        {
            Drill = scenario.Name,
            Title = planned.Title,
            Scenario = planned.Name,
            Rto = planned.Objectives.Rto,
            Rpo = planned.Objectives.Rpo,
            HoldFor = TimeSpan.Zero,
            From = scenario.From,
            Prediction = DrillPrediction.Of(State.Begun.Runbook, [], restoredBytes: null),
        };
        return DrillReport.OfRun(rehearsal, State, entries, measured);
    }

    public void Dispose() => _vault.Dispose();
}
