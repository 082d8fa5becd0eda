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

    private static Plan Read(string name) =>
        PlanReaderTests.ReadGood(File.ReadAllText(Path.Combine(Repository.Root, Folder, name)));
}
