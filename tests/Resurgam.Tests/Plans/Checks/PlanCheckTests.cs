using System.Text.RegularExpressions;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Checks;
using Resurgam.Core.Values;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans.Checks;

/// <summary>The examples on the pages of the findings are their tests.</summary>
public sealed partial class PlanCheckTests
{
    private static readonly DateOnly Today = new(2026, 11, 27);

    /// <summary>With days far apart: an example that is true on one of them only is none.</summary>
    public static TheoryData<string, DateOnly> Codes =>
        [.. Pages.Keys.SelectMany(code => new[] { Today, new(2036, 1, 1) }, (code, day) => (code, day))];

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
    public void The_first_example_has_the_finding_and_the_second_has_not(string code, DateOnly today)
    {
        var page = Pages[code];
        var examples = Example.Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(2, examples.Count);
        var found = FindingsOf(examples[0], today).First(finding => finding.Code == code);
        Assert.StartsWith($"# {code}\n\n{found.Severity}. ", page, StringComparison.Ordinal);
        Assert.DoesNotContain(FindingsOf(examples[1], today), finding => finding.Code == code);
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

    [Theory]
    [InlineData("/srv/data", "delta: true", "", true)]
    [InlineData("/srv/data", "delta: true", ", needs: [prove]", false)]
    [InlineData("/srv/beside", "delta: true", "", false)]
    [InlineData("/srv/data", "start: true", "", false)]
    public void A_restore_in_place_destroys_what_was_there(string to, string how, string needs, bool isFound) =>
        Assert.Equal(
            isFound,
            FindingsOf(
                    $$"""
                    resurgam: 1
                    vault: { store: file:///v, secret: { env: S } }
                    assets: { db: { kind: postgres, connection: user=postgres, data-directory: /srv/data } }
                    runbooks:
                      r:
                        steps:
                          prove: { action: vault-verify, with: { asset: db } }
                          back: { action: vault-restore, with: { asset: db, to: {{to}}, {{how}} }{{needs}} }

                    """
                )
                .Any(finding => finding.Code == "destruction-before-proof")
        );

    /// <summary>All that is wrong at once; and nothing that only looks wrong because something else is.</summary>
    [Fact]
    public void Names_are_looked_for_in_a_plan_that_cannot_be_read_whole()
    {
        const string yaml = """
            resurgam: 1
            vault: { store: file:///v, secret: { env: S } }
            assets: { f: { kind: files, path: relative } }
            people:
              anna: { role: sre, reach: [pager, nope] }
              ben: { reach: 7 }
            channels: { pager: { kind: email, bogus: 1 } }
            services: { shop: { needs: [f, gone] } }
            on-call: [ben, { who: ben }, { who: carl }]
            """;
        var reading = Assert.IsType<PlanReading.Bad>(PlanReader.Read(yaml, "resurgam.yaml"));

        Assert.Equal(["gone", "nope", "carl"], PlanCheck.Of(reading).Select(finding => finding.What.Split('\'')[1]));
    }

    private static ValueList<Finding> FindingsOf(string yaml) => FindingsOf(yaml, Today);

    private static ValueList<Finding> FindingsOf(string yaml, DateOnly today) =>
        PlanCheck.Of(PlanReaderTests.ReadGood(yaml), today);
}
