using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Runs;

namespace Resurgam.Tests.Predictions;

public sealed class ScenarioPredictionTests
{
    private const string Text = """
        resurgam: 1
        vault: { store: file:///v, secret: { env: S } }
        assets:
          db: { kind: postgres, connection: host=x }
          docs: { kind: files, path: /srv/docs }
          sessions: { kind: redis, host: x, restore: { start-empty: true } }
        scenarios:
          loss: { title: The database is lost, rto: 1h, rpo: 10m, runbook: back, affects: [db, sessions, web] }
          web: { title: The web is down, rpo: 0s, affects: [web] }
        services: { web: { about: The web } }
        runbooks:
          back:
            title: Back again
            steps:
              look: { title: Look, action: wait, with: { for: 1s }, estimate: 10m }
              tell: { title: Tell, action: wait, with: { for: 1s } }
              restore: { title: Restore, action: vault-restore, with: { asset: db, to: /srv/back, start: true }, needs: [look], estimate: 4h }
              prove: { title: Prove, action: wait, with: { for: 1s }, needs: [restore, tell], estimate: 5m }
        """;

    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly Plan Plan = PlanReaderTests.ReadGood(Text);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_longest_way_takes_what_was_measured_and_else_what_is_estimated()
    {
        var loss = Predict(minutesOld: 3, restoreMinutes: 30, StepTimes.None)[0];

        Assert.Equal(["look", "restore", "prove"], loss.CriticalPath.Select(step => step.Step.Value));
        Assert.Equal(
            [TimeSource.Plan, TimeSource.Prediction, TimeSource.Plan],
            loss.CriticalPath.Select(step => step.Source)
        );
        Assert.Equal(TimeSpan.FromMinutes(10 + 30 + 5), loss.Recovery?.Likely);
        Assert.Equal(TimeSpan.FromMinutes(15), loss.RecoveryMargin);
        Assert.Equal((TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(7)), (loss.Loss, loss.LossMargin));
        Assert.Equal(["scenario-without-times"], loss.Findings.Select(finding => finding.Code));
    }

    [Fact]
    public void What_runs_have_measured_goes_before_estimates()
    {
        StepTimes times = new([
            Run(("look", 2), ("restore", 50), ("tell", 1)),
            Run(("look", 4), ("tell", 1)),
            Run(("look", 2), ("prove", 300), ("tell", 1)),
        ]);

        var loss = Predict(minutesOld: 3, restoreMinutes: 30, times)[0];

        Assert.Equal([2, 30, 300], loss.CriticalPath.Select(step => step.Time.Likely.TotalMinutes));
        Assert.Equal(["scenario-recovery-over-objective"], loss.Findings.Select(finding => finding.Code));
        Assert.True(loss.IsAtRisk);
    }

    [Fact]
    public void A_loss_beyond_the_objective_is_a_risk_and_a_scenario_without_data_loses_none()
    {
        var all = Predict(minutesOld: 11, restoreMinutes: 30, StepTimes.None);

        Assert.Contains("scenario-loss-over-objective", all[0].Findings.Select(finding => finding.Code));
        Assert.Equal((false, null, null), (all[1].HitsData, all[1].Loss, all[1].Recovery));
        Assert.Empty(all[1].Findings);
    }

    [Fact]
    public void A_drill_that_failed_is_a_risk_of_its_scenario_and_one_that_was_missed_is_told()
    {
        DrillFacts failed = new("small", "loss", Noon.AddHours(-1), IsMissed: false, "RTO missed");
        DrillFacts missed = new("web", "web", Noon.AddHours(-1), IsMissed: true, "missed");

        var all = Predict(minutesOld: 0, restoreMinutes: 30, StepTimes.None, [failed, missed]);

        var risk = all[0].Findings[^1];
        Assert.Equal(
            ("drill-failed", true, "its drill 'small', due 1h ago, did not pass: RTO missed"),
            (risk.Code, risk.IsRisk, risk.What)
        );
        Assert.Equal(["drill-missed"], all[1].Findings.Select(finding => finding.Code));
        Assert.Equal((true, false), (all[0].IsAtRisk, all[1].IsAtRisk));
    }

    [Fact]
    public void Without_a_measured_restore_the_plan_estimates_it()
    {
        var loss = Predict(minutesOld: 3, restoreMinutes: null, StepTimes.None)[0];

        Assert.Equal(TimeSpan.FromMinutes(10 + 240 + 5), loss.Recovery?.Likely);
    }

    [Fact]
    public async Task A_run_that_has_ended_tells_how_long_its_steps_took()
    {
        RunWorld world = new();
        var begun = RunWorld.Begun(
            """
            steps:
              first: { action: sql, with: { target: db, statement: a } }
              second: { action: sql, with: { target: db, statement: b }, needs: [first] }
            """
        );
        RunJournal journal = new(world.Ledger.NewWriter(world.Ledger.NewMachine("desk")), RunWorld.Run);
        await journal.BeginAsync(begun, Token);
        Assert.Null(await RunTimes.FindAsync(world.Ledger.Ledger, journal.Stream, Token)); // it goes on
        await world.NewMachine().RunAsync(Token);
        var stream = RunJournal.StreamOf(RunWorld.Run);

        var times = await RunTimes.FindAsync(world.Ledger.Ledger, stream, Token);

        Assert.Equal("r", times?.Runbook.Value);
        Assert.Equal(["first", "second"], times?.Steps.Select(step => step.Name));
        Assert.Null(await RunTimes.FindAsync(world.Ledger.Ledger, StreamName.OfAsset("none"), Token));
    }

    private static IReadOnlyList<ScenarioPrediction> Predict(
        int minutesOld,
        int? restoreMinutes,
        StepTimes times,
        IReadOnlyList<DrillFacts>? drills = null
    )
    {
        var snapshot = BlobId.Of("a"u8);
        AssetEvent.Backup backup = new()
        {
            At = Noon,
            Snapshot = snapshot,
            TakenAt = Noon,
            SizeBytes = 1000,
        };
        AssetEvent.Restore restore = new()
        {
            At = Noon,
            Snapshot = snapshot,
            Steps = [new StepTime("restore", TimeSpan.FromMinutes(restoreMinutes ?? 0))],
            Bytes = new RestoredBytes(1000, 1000, Wal: null),
        };
        return ScenarioPrediction.All(
            Plan,
            [
                .. Plan.Assets.Select(asset =>
                    AssetPrediction.Of(
                        new AssetFacts
                        {
                            Asset = asset.Id,
                            Kind = asset.Kind,
                            History = AssetHistory.Of(restoreMinutes is null ? [backup] : [backup, restore]),
                            // Nobody wants the sessions back, so that nobody has a copy of them is no loss.
                            Snapshots = asset is Asset.Redis ? [] : [new SnapshotFact(snapshot, Noon)],
                        },
                        Noon.AddMinutes(minutesOld)
                    )
                ),
            ],
            times,
            drills ?? [],
            Noon.AddMinutes(minutesOld)
        );
    }

    private static RunTimes Run(params (string Step, int Minutes)[] steps) =>
        new(
            StreamName.OfAsset("any"),
            new RunbookId("back"),
            [.. steps.Select(step => new StepTime(step.Step, TimeSpan.FromMinutes(step.Minutes)))]
        );
}
