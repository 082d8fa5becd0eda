using System.Globalization;
using Resurgam.Core.Drills;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Runs;

namespace Resurgam.Tests.Drills;

/// <summary>A plan with a drill, and the drill as it goes through a ledger in memory.</summary>
internal static class DrillExamples
{
    public const string Text = """
        resurgam: 1
        vault: { store: file:///srv/vault, secret: { env: S } }
        assets:
          db: { kind: postgres, connection: host=real, data-directory: /srv/real }
        scenarios:
          loss: { rto: 2m, rpo: 1m, runbook: back }
        targets:
          db: { kind: postgres, connection: host=real, data-directory: /srv/real, drill: { connection: host=drill, data-directory: /srv/drill/data } }
          hook: { kind: webhook, url: { env: HOOK } }
        runbooks:
          back:
            title: Bring it back
            steady-state: [{ sql: { target: db, query: calm, expect: t } }]
            steps:
              tell: { action: notify, with: { target: hook, text: x }, estimate: 5m }
              restore: { action: vault-restore, with: { asset: db, to: /srv/new, drill-to: /srv/drill/new, start: true }, estimate: 40s }
              prove: { action: sql, with: { target: db, statement: x }, needs: [restore], estimate: 5s }
        drills:
          loss:
            title: The database is lost
            scenario: loss
            inject:
              kill: { action: fault-kill-postgres, with: { target: db } }
              burn: { action: fault-destroy, with: { path: /srv/drill/data }, needs: [kill] }
            holds: [{ sql: { target: db, query: there, expect: t } }]
            hold-for: 20s
            newest-before: { target: db, query: select max(at) from t }
            newest-after: { target: db, query: select max(at) from t }
            success: [all rows are there]

        """;

    public static Plan Plan => PlanReaderTests.ReadGood(Text);

    public static Runbook Composed(Plan plan) =>
        DrillComposition.Compose(plan.Drills[0], plan.Runbooks[0], plan.Scenarios[0].Objectives.Rto);

    /// <summary>A drill that went through a world in memory, two seconds a turn.</summary>
    public static async Task<(RunWorld World, DrillReport Report)> DrillAsync(
        Action<RunWorld> arrange,
        CancellationToken cancellationToken,
        string text = Text
    )
    {
        RunWorld world = new();
        world.Holding.Add("calm");
        world.Notes["drill-newest-before"] = new StepNote(StepAction.Measure.ValueNote, "2026-11-23 11:59:58.5+00");
        world.Notes["drill-newest-after"] = new StepNote(StepAction.Measure.ValueNote, "2026-11-23 11:59:40+00");
        world.OnEffect = (_, call) =>
        {
            if (call.Step.Id.Value == "restore" && !call.IsUndo)
                world.Ledger.Time.Advance(Seconds(3));
            if (call.Step.Id == DrillComposition.Hold)
                world.Notes["drill-hold"] = new StepNote(
                    StepAction.Hold.SinceNote,
                    world.Ledger.Time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)
                );
        };
        arrange(world);
        var plan = PlanReaderTests.ReadGood(text);
        RunJournal journal = new(world.Ledger.NewWriter(world.Ledger.NewMachine("desk")), RunWorld.Run);
        await journal.BeginAsync(BegunOf(plan), cancellationToken);
        await world.NewMachine().RunAsync(cancellationToken);
        return (world, await ReportAsync(world, cancellationToken));
    }

    public static async Task<DrillReport> ReportAsync(RunWorld world, CancellationToken cancellationToken)
    {
        var (state, entries) = await ReadAsync(world, cancellationToken);
        var report = DrillReport.TryOf(state, entries, Past);
        Assert.NotNull(report);
        return report;
    }

    public static async Task<(RunState State, IReadOnlyList<LedgerEntry> Entries)> ReadAsync(
        RunWorld world,
        CancellationToken cancellationToken
    )
    {
        List<LedgerEntry> entries = [];
        await foreach (
            var entry in world.Ledger.Ledger.ReadAsync(RunJournal.StreamOf(RunWorld.Run), 1, cancellationToken)
        )
            entries.Add(entry);
        return (await world.ReadAsync(cancellationToken), entries);
    }

    /// <summary>Two earlier ones, a good one and a bad one.</summary>
    private static IEnumerable<DrillRecord> Past =>
        [
            Record(1, new DrillEnding(true, [], Seconds(20), null, Seconds(25))),
            Record(2, new DrillEnding(false, ["prove: no"], null, null, Seconds(20))),
        ];

    public static DrillRecord Record(int day, DrillEnding? ending) =>
        new("loss", new RunId($"drill-{day}"), new DateTimeOffset(2026, 11, day, 9, 0, 0, TimeSpan.Zero), [], ending);

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static RunEvent.Begun BegunOf(Plan plan) =>
        new()
        {
            Runbook = Composed(plan),
            Targets = plan.Targets,
            PlanHash = "0123456789abcdef",
            Requester = "anna",
            Reason = "it is <Monday>",
            IsDrill = true,
            Scenario = "loss",
            Rehearsal = new Rehearsal
            {
                Drill = "loss",
                Title = plan.Drills[0].Title,
                Scenario = "loss",
                Rto = plan.Scenarios[0].Objectives.Rto,
                Rpo = plan.Scenarios[0].Objectives.Rpo,
                HoldFor = plan.Drills[0].HoldFor,
                Success = plan.Drills[0].Success,
                Prediction = new DrillPrediction(Seconds(20), Seconds(15), Seconds(30), 1),
                Prepared = [.. DrillComposition.PreparedOf(plan.Drills[0])],
                Faults = [.. DrillComposition.FaultsOf(plan.Drills[0])],
            },
        };
}
