using System.Text.RegularExpressions;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Checks;
using Resurgam.Core.Plans.Rendering;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans.Checks;

/// <summary>The reference plan keeps its promises, and the first paper version of it is refused for reasons that have names.</summary>
public sealed partial class ReferencePlanTests
{
    private const string Folder = "plans/healthcare-gitops";

    private static readonly DateOnly Today = new(2026, 12, 1);

    [GeneratedRegex(@"\(findings/([a-z-]+)\.md\)")]
    private static partial Regex CodeInTable { get; }

    [Fact]
    public void The_reference_plan_has_no_errors() =>
        Assert.DoesNotContain(
            PlanCheck.Of(Read("resurgam.yaml"), Today),
            finding => finding.Severity == FindingSeverity.Error
        );

    [Fact]
    public void Every_fault_that_the_page_lists_is_found_in_the_literal_plan()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/seed-faults.md"));
        var listed = CodeInTable.Matches(page).Select(match => match.Groups[1].Value).ToHashSet();
        var found = PlanCheck
            .Of(Read("healthcare-gitops.literal.yaml"), Today)
            .Select(finding => finding.Code)
            .ToHashSet();
        Assert.Empty(listed.Except(found));
    }

    [Theory]
    [InlineData(DocumentFormat.Markdown)]
    [InlineData(DocumentFormat.Html)]
    public void The_document_of_the_reference_plan_is_whole(DocumentFormat format)
    {
        var plan = Read("resurgam.yaml");
        var text = PlanDocument.Render(plan, format);
        Assert.All(
            (string[])
                [
                    "Summary",
                    "1. What is protected",
                    "2. Copies",
                    "3. Runbooks",
                    "4. Drills",
                    "5. Incidents and notices",
                    "6. People",
                    "7. Improvement",
                    "Signatures",
                    plan.Hash,
                ],
            part => Assert.Contains(part, text, StringComparison.Ordinal)
        );
        Assert.All(plan.Scenarios, scenario => Assert.Contains(scenario.Title, text, StringComparison.Ordinal));
        Assert.All(plan.Runbooks, runbook => Assert.Contains(runbook.Title, text, StringComparison.Ordinal));
    }

    [Theory]
    // Assets, scenarios, targets, questions, steps and what is promised: a line of each, as the plan has it.
    [InlineData(
        "| sessions | redis | Sessions, cached answers and counters of the rate limit. | 1h | 15m | eu-central-1 |"
    )]
    [InlineData(
        "| Failure of a single service | partial | high | SEV-2 | auth-service, payment-gateway, phi-service, medical-device, synthetic-phi-service | 15m | 0s | service-failure |"
    )]
    [InlineData("| auth-service | service | unit auth-service.service | unit auth-service-drill.service |")]
    [InlineData("| auth-health | web | http://127.0.0.1:8081 | http://127.0.0.1:9081 |")]
    [InlineData("| stakeholders | webhook | address in file /etc/resurgam/stakeholders-hook | not touched |")]
    [InlineData(
        "| new-cluster | kubernetes | namespace healthcare-gitops in context healthcare; cluster as /srv/recovery/cluster-uid tells |"
    )]
    [InlineData("| audit rows | db | \\`select count(\\*) from audit\\_logs\\` | any answer |")]
    [InlineData("| 45m | 2h | low | - |")]
    [InlineData("customers hear of it within 24 to 72 hours")]
    [InlineData("| data-integrity |")]
    [InlineData(
        "without fence (a person does it by hand); plan, deploy (what it touches has no place of its own in a drill); build, tell (it reaches people or systems outside); apply, workers, traffic (the plan leaves it out)."
    )]
    [InlineData("no maintenance window has to be agreed")]
    public void The_document_has_what_a_reader_looks_for(string part) =>
        Assert.Contains(
            part,
            PlanDocument.Render(Read("resurgam.yaml"), DocumentFormat.Markdown),
            StringComparison.Ordinal
        );

    private static Plan Read(string name) =>
        PlanReaderTests.ReadGood(File.ReadAllText(Path.Combine(Repository.Root, Folder, name)));
}
