using Resurgam.Core.Drills;
using Resurgam.Core.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Drills;

public sealed class DrillReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_drill_in_which_all_holds_in_time_has_passed_and_everything_is_undone()
    {
        var (world, report) = await DrillExamples.DrillAsync(_ => { }, Token);

        Assert.Empty(report.Reasons);
        Assert.True(report.Passed);
        Assert.Equal(
            [("RTO", true), ("RPO", true)],
            report.Objectives.Select(objective => (objective.Name, objective.IsMet == true))
        );
        Assert.Equal(DrillExamples.Seconds(18.5), report.Loss);
        Assert.InRange(report.Recovery.GetValueOrDefault().TotalSeconds, 1, 30);
        Assert.Equal(["undo restore", "undo fault-burn", "undo fault-kill"], world.Effects.TakeLast(3));
        Assert.Equal(TimeSpan.Zero, report.Timeline.First(moment => moment.Kind == "fault").After);
        Assert.Single(report.Timeline, moment => moment.Kind == "recovered");
    }

    [Fact]
    public async Task Of_a_run_in_earnest_the_objectives_go_by_what_was_seen_from_outside()
    {
        var (world, drill) = await DrillExamples.DrillAsync(_ => { }, Token);
        var (state, entries) = await DrillExamples.ReadAsync(world, Token);
        var fault = drill.BegunAt - DrillExamples.Seconds(10);
        var rehearsal = state.Begun.Rehearsal;
        Assert.NotNull(rehearsal);

        var report = DrillReport.OfRun(
            rehearsal,
            state,
            entries,
            new DrillMeasures(fault, fault + DrillExamples.Seconds(121))
            {
                MeasuresLoss = true,
                Loss = DrillExamples.Seconds(61),
                Fault = ("lightning", "anna"),
            }
        );

        Assert.Equal(["RTO missed: 2m1s, promised 2m", "RPO missed: 1m1s, promised 1m"], report.Reasons);
        Assert.False(report.Passed);
        Assert.Equal(
            ("fault", "lightning", "anna"),
            (report.Timeline[0].Kind, report.Timeline[0].What, report.Timeline[0].Who)
        );
        Assert.Equal(fault, report.Timeline[0].At);
    }

    [Fact]
    public async Task The_page_of_a_drill()
    {
        var (_, report) = await DrillExamples.DrillAsync(_ => { }, Token);
        var page = DrillReportPage.Of(report);

        Assert.Contains("it is &lt;Monday&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            "http",
            page.Replace("http-equiv", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Golden.Match(page[page.IndexOf("<body>", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("fault-kill", "fault-kill: ")]
    [InlineData("restore", "restore: ")]
    [InlineData("drill-hold", "drill-hold: ")]
    [InlineData("drill-newest-after", "drill-newest-after: ")]
    public async Task What_fails_is_the_reason_and_everything_is_undone(string step, string reason)
    {
        var (world, report) = await DrillExamples.DrillAsync(world => world.Failures[step] = 1, Token);

        Assert.False(report.Passed);
        Assert.StartsWith(reason, Assert.Single(report.Reasons), StringComparison.Ordinal);
        Assert.Equal("undo fault-kill", world.Effects[^1]);
        Assert.Equal(RunResult.Failed, (await world.ReadAsync(Token)).Result);
    }

    [Theory]
    [InlineData("2026-11-23 11:55:00+00", "RPO missed: 4m58s, promised 1m")]
    [InlineData("", "RPO was not measured, promised 1m")]
    public async Task Data_that_is_too_old_or_not_there_is_a_loss(string newest, string reason)
    {
        var (_, report) = await DrillExamples.DrillAsync(
            world => world.Notes["drill-newest-after"] = new StepNote(StepAction.Measure.ValueNote, newest),
            Token
        );

        Assert.False(report.Passed);
        Assert.Equal([reason], report.Reasons);
    }

    [Fact]
    public async Task Who_comes_back_too_late_has_missed_the_objective()
    {
        var (_, report) = await DrillExamples.DrillAsync(
            world =>
            {
                var before = world.OnEffect;
                world.OnEffect = (leader, call) =>
                {
                    if (call.Step.Id.Value == "restore" && !call.IsUndo)
                        world.Ledger.Time.Advance(TimeSpan.FromMinutes(3));
                    before(leader, call);
                };
            },
            Token
        );

        Assert.False(report.Passed);
        Assert.StartsWith("RTO missed: 3m", Assert.Single(report.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_as_it_was_after_the_undo_fails_the_drill()
    {
        var (_, report) = await DrillExamples.DrillAsync(world => world.Holding.Clear(), Token);

        Assert.False(report.Passed);
        Assert.Contains("after all was undone: calm", report.Reasons);
    }

    [Fact]
    public async Task What_a_person_leaves_as_it_is_is_not_called_undone()
    {
        var (world, waiting) = await DrillExamples.DrillAsync(
            world =>
            {
                var before = world.OnEffect;
                world.OnEffect = (leader, call) =>
                {
                    if (call is { IsUndo: true, Step.Id.Value: "restore" })
                        throw FaultyStore.Failure("undo");
                    before(leader, call);
                };
            },
            Token
        );
        Assert.Contains("it is not at its end", waiting.Reasons);
        await world.SayAsync(
            new RunVerb(RunVerbKind.Skip, "anna", "by hand later") { Step = new StepId("restore") },
            Token
        );
        await world.NewMachine().RunAsync(Token);

        var report = await DrillExamples.ReportAsync(world, Token);

        Assert.Equal("undone but for restore: completed", report.Timeline[^1].What);
        Assert.StartsWith("restore was not undone: ", Assert.Single(report.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_of_the_runbook_are_its_own_whatever_they_are_called()
    {
        var text = DrillExamples.Text.Replace(
            "tell: {",
            "fault-lines: { drill: run, action: wait, with: { for: 1s }, needs: [prepare-it] }\n      prepare-it: {",
            StringComparison.Ordinal
        );
        var (_, report) = await DrillExamples.DrillAsync(_ => { }, Token, text);

        Assert.Equal(["fault-kill", "fault-burn"], report.Steps.Where(step => step.IsFault).Select(step => step.Step));
        Assert.Contains(
            report.Timeline,
            moment => moment is { Kind: "step" } && moment.What.StartsWith("fault-lines", StringComparison.Ordinal)
        );

        // Without a fault the clock starts with the runbook's first step.
        var inject = text.IndexOf("    inject:", StringComparison.Ordinal);
        var holds = text.IndexOf("    holds:", StringComparison.Ordinal);
        (_, report) = await DrillExamples.DrillAsync(_ => { }, Token, text[..inject] + text[holds..]);

        Assert.NotNull(report.FaultAt);
        Assert.DoesNotContain(report.Timeline, moment => moment.Kind == "fault");
    }

    [Fact]
    public void The_error_of_a_prediction_is_of_what_was_measured()
    {
        var past = DrillDeviation.Compare([
            DrillExamples.Record(1, EndingOf(null, 600)),
            DrillExamples.Record(2, EndingOf(8, 600)),
            DrillExamples.Record(3, EndingOf(8, 10)),
        ]);

        // By how much the plan's estimates were off tells nothing of what was learned.
        Assert.Equal([null, null, 25], past.Select(one => one.ErrorPercent));

        static DrillEnding EndingOf(double? measured, double predicted) =>
            new(
                measured is not null,
                [],
                measured is { } seconds ? DrillExamples.Seconds(seconds) : null,
                null,
                DrillExamples.Seconds(predicted)
            );
    }

    [Fact]
    public void Without_a_drill_the_estimates_predict_what_the_drill_does()
    {
        var runbook = DrillExamples.Composed(DrillExamples.Plan);

        Assert.Equal(
            (DrillExamples.Seconds(45), 0),
            (DrillPrediction.Of(runbook, [], null).Likely, DrillPrediction.Of(runbook, [], null).Drills)
        );
    }

    [Fact]
    public void After_five_drills_their_median_predicts()
    {
        double[] measured = [9, 10, 60, 11, 10.5];
        var past = measured.Select(
            (seconds, day) =>
                DrillExamples.Record(day + 1, new DrillEnding(true, [], DrillExamples.Seconds(seconds), null, null))
        );

        var prediction = DrillPrediction.Of(DrillExamples.Composed(DrillExamples.Plan), past, null);

        Assert.Equal((DrillExamples.Seconds(10.5), 5), (prediction.Likely, prediction.Drills));
    }

    /// <summary>Thirty drills of a database that grows by a sixteenth between them, on a machine that is an eighth slower or quicker now and then.</summary>
    [Fact]
    public void After_five_drills_each_prediction_of_a_growing_database_is_within_a_quarter()
    {
        double[] luck = [1, 1.12, 0.9, 1.04, 0.95, 1.1, 0.88];
        List<DrillRecord> past = [];
        var bytes = 1_000_000_000.0;
        for (var drill = 0; drill < 30; drill++, bytes *= 1.0625)
        {
            var measured = (10 + (bytes / 50_000_000)) * luck[drill % luck.Length];
            var predicted = DrillPrediction.Of(DrillExamples.Composed(DrillExamples.Plan), past, (long)bytes);
            if (drill >= 5)
                Assert.InRange(predicted.Likely.TotalSeconds / measured, 0.75, 1.25);
            past.Add(
                DrillExamples.Record(
                    1,
                    new DrillEnding(true, [], DrillExamples.Seconds(measured), null, predicted.Likely)
                    {
                        RestoredBytes = (long)bytes,
                    }
                )
            );
        }
    }
}
