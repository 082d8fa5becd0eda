using System.Text.RegularExpressions;
using Resurgam.Core.Plans.Checks;
using Resurgam.Core.Values;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans.Checks;

/// <summary>The examples on the pages of the findings are their tests.</summary>
public sealed partial class PlanCheckTests
{
    private static readonly DateOnly Today = new(2026, 6, 15);

    public static TheoryData<string> Codes => [.. Pages.Keys];

    private static IReadOnlyDictionary<string, string> Pages { get; } =
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "docs/findings"), "*.md")
            .Where(path => Path.GetFileName(path) != "README.md")
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example { get; }

    [GeneratedRegex("(?:Found\\.(?:Error|Warning)\\(|const string \\w+ =|Uncovered\\()\\s*\"([a-z-]+)\"")]
    private static partial Regex CodeInSource { get; }

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_first_example_has_the_finding_and_the_second_has_not(string code)
    {
        var page = Pages[code];
        var examples = Example.Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(2, examples.Count);
        var found = FindingsOf(examples[0]).First(finding => finding.Code == code);
        Assert.StartsWith($"# {code}\n\n{found.Severity}. ", page, StringComparison.Ordinal);
        Assert.DoesNotContain(FindingsOf(examples[1]), finding => finding.Code == code);
    }

    [Fact]
    public void Every_code_has_its_page_and_every_page_its_code()
    {
        var written = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src/Resurgam.Core/Plans/Checks"), "*.cs")
            .SelectMany(path => CodeInSource.Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value))
            .Distinct();
        Assert.Equal(written.Order(StringComparer.Ordinal), Pages.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_plan_of_assets_alone_has_no_findings() =>
        Assert.Empty(
            FindingsOf(
                "resurgam: 1\nvault: { store: file:///v, secret: { env: S } }\nassets: { a: { kind: files, path: /a } }\n"
            )
        );

    private static ValueList<Finding> FindingsOf(string yaml) => PlanCheck.Of(PlanReaderTests.ReadGood(yaml), Today);
}
