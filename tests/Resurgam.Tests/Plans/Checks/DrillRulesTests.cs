using Resurgam.Core.Plans.Checks;
using Resurgam.Tests.Drills;

namespace Resurgam.Tests.Plans.Checks;

/// <summary>What refuses a drill when it is due is told by the check, all of it and where it stands.</summary>
public sealed class DrillRulesTests
{
    [Fact]
    public void A_drill_that_begins_has_no_finding() => Assert.Empty(Refused(DrillExamples.Text));

    [Fact]
    public void Each_reason_is_told_with_the_line_of_its_step_or_of_the_drill()
    {
        var text = DrillExamples
            .Text.Replace(
                "drill-to: /srv/drill/new, start: true }",
                "start: true }, drill: run",
                StringComparison.Ordinal
            )
            .Replace("path: /srv/drill/data", "path: /srv/other", StringComparison.Ordinal)
            .Replace("connection: host=drill", "connection: host=real", StringComparison.Ordinal);

        Assert.Equal(
            [
                "runbooks.back.steps.restore: step restore would act on /srv/new, and nothing takes its place in a drill",
                "drills.loss: server real:5432 is not isolated from target db",
                "drills.loss.inject.burn: step fault-burn would delete /srv/other, which is in no place of the drill",
            ],
            Refused(text)
        );
    }

    [Fact]
    public void A_drill_that_cannot_be_put_together_is_told()
    {
        var text = DrillExamples.Text.Replace("prove:", "fault-kill:", StringComparison.Ordinal);

        Assert.Equal(["drills.loss: its runbook has a step 'fault-kill', and so has the drill"], Refused(text));
    }

    private static IEnumerable<string> Refused(string text) =>
        PlanCheck
            .Of(PlanReaderTests.ReadGood(text), new DateOnly(2026, 6, 15))
            .Where(finding => finding.Code == "drill-refused")
            .Select(finding =>
                $"{finding.Path}: {finding.What.Replace("drill 'loss' would not begin: ", "", StringComparison.Ordinal)}"
            );
}
