using Resurgam.Core.Drills;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Drills;

public sealed class DrillCompositionTests
{
    [Fact]
    public void All_is_well_then_something_breaks_then_it_is_brought_back_and_has_to_hold()
    {
        var runbook = DrillExamples.Composed(DrillExamples.Plan);

        Assert.Equal(
            [
                "drill-well after ",
                "drill-newest-before after drill-well",
                "fault-kill after drill-newest-before",
                "fault-burn after fault-kill",
                "tell after fault-kill, fault-burn",
                "restore after fault-kill, fault-burn",
                "prove after restore",
                "drill-hold after tell, restore, prove",
                "drill-newest-after after drill-hold",
            ],
            runbook.Steps.Select(step => $"{step.Id} after {string.Join(", ", step.Needs)}")
        );
        Assert.Single(runbook.SteadyState);
        Assert.Equal(TimeSpan.FromSeconds(200), runbook.GetStep(DrillComposition.Hold).Timeout);
    }

    [Fact]
    public void What_is_prepared_comes_first_and_runs_and_the_steady_state_goes_with_it()
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples.Text
                + "    prepare: { up: { action: command, with: { argv: [/up] } }, more: { action: wait, with: { for: 1s }, needs: [up] } }\n"
        );

        var runbook = DrillExamples.Composed(plan);

        Assert.Equal(["prepare-up", "prepare-more"], runbook.Steps.Take(2).Select(step => step.Id.Value));
        Assert.Equal([new StepId("prepare-up")], runbook.Steps[1].Needs);
        Assert.Equal(DrillBehaviour.Run, runbook.Steps[0].InDrill);
        Assert.Equal(
            [new StepId("prepare-up"), new StepId("prepare-more")],
            runbook.GetStep(DrillComposition.Well).Needs
        );
        Assert.Empty(runbook.SteadyState);
    }

    [Fact]
    public void A_drill_in_words_only_is_the_runbook_alone()
    {
        var text = DrillExamples.Text[..DrillExamples.Text.IndexOf("    inject:", StringComparison.Ordinal)];

        var runbook = DrillExamples.Composed(PlanReaderTests.ReadGood(text));

        Assert.Equal(["drill-well", "tell", "restore", "prove"], runbook.Steps.Select(step => step.Id.Value));
    }

    [Fact]
    public void The_drills_of_the_reference_plan_are_isolated_and_each_can_fail()
    {
        var plan = PlanReaderTests.ReadGood(
            File.ReadAllText(Path.Combine(Repository.Root, "plans/healthcare-gitops/resurgam.yaml"))
        );

        foreach (var drill in plan.Drills)
        {
            var scenario = plan.Scenarios.Single(one => one.Name == drill.Scenario);
            var runbook = plan.Runbooks.Single(one => one.Id.Value == scenario.Runbook);
            var composed = DrillComposition.Compose(drill, runbook, scenario.Objectives.Rto);
            new DrillGuard(plan, composed, _ => null).Check();
            Assert.NotEmpty(drill.Inject);
            Assert.NotNull(composed.FindStep(DrillComposition.Hold));
        }
    }

    [Fact]
    public void A_step_of_the_runbook_that_has_the_name_of_one_of_ours_is_refused()
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples.Text.Replace("prove:", "fault-kill:", StringComparison.Ordinal)
        );

        var problem = Assert.Throws<ResurgamException>(() => DrillExamples.Composed(plan)).Problem;

        Assert.Equal("drill-refused", problem.Code);
        Assert.Contains("'fault-kill'", problem.What, StringComparison.Ordinal);
    }
}
