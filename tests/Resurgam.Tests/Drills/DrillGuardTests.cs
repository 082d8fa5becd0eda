using Resurgam.Core.Drills;
using Resurgam.Core.Problems;
using Resurgam.Tests.Plans;

namespace Resurgam.Tests.Drills;

public sealed class DrillGuardTests
{
    [Theory]
    [InlineData("https://git.example.net/shop/drill.git", null)]
    [InlineData(
        "git@GIT.example.net:shop/manifests",
        "repository git.example.net/shop/manifests is not isolated from target repo"
    )]
    [InlineData("ssh://git@git.example.net/shop/policies.git", "is not isolated from asset code")]
    public void Another_branch_or_transport_makes_no_other_repository(string place, string? because)
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples
                .Text.Replace(
                    "assets:\n",
                    "assets:\n  code: { kind: git, repositories: ['https://git.example.net/shop/policies'] }\n",
                    StringComparison.Ordinal
                )
                .Replace(
                    "targets:\n",
                    $"targets:\n  repo: {{ kind: git, address: 'https://git.example.net/shop/manifests.git', branch: main, drill: {{ address: '{place}', branch: drill }} }}\n",
                    StringComparison.Ordinal
                )
                .Replace(
                    "      prove:",
                    "      revert: { action: git-revert, with: { target: repo, commit: 3f5f1f0 }, estimate: 5s }\n      prove:",
                    StringComparison.Ordinal
                )
        );
        var runbook = DrillExamples.Composed(plan);

        if (because is null)
            DrillGuard.Check(plan, runbook);
        else
            Assert.Contains(
                because,
                Assert.Throws<ResurgamException>(() => DrillGuard.Check(plan, runbook)).Problem.What,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void A_drill_with_places_of_its_own_begins()
    {
        var plan = DrillExamples.Plan;
        var runbook = DrillExamples.Composed(plan);

        DrillGuard.Check(plan, runbook);

        Assert.Equal(
            ["server drill:5432", "folder /srv/drill/data", "folder /srv/drill/new"],
            DrillGuard.PlacesOf(plan, runbook).Select(place => place.ToString())
        );
    }

    [Theory]
    [InlineData(", drill: { connection: host=drill, data-directory: /srv/drill/data }", "", "target db")]
    [InlineData("drill-to: /srv/drill/new, start: true }", "start: true }, drill: run", "/srv/new")]
    [InlineData("host=drill,", "port=5432 host=real dbname=x,", "server real:5432 is not isolated from target db")]
    [InlineData("/srv/drill/data }", "/srv/real/base }", "folder /srv/real/base is not isolated from target db")]
    [InlineData("host=drill,", "host=drill, clients: host=real,", "server real:5432 is not isolated from target db")]
    [InlineData("drill-to: /srv/drill/new", "drill-to: /srv/vault/x", "is not isolated from the vault")]
    [InlineData("drill-to: /srv/drill/new", "drill-to: /srv", "folder /srv is not isolated from")]
    [InlineData("path: /srv/drill/data", "path: /srv/other", "/srv/other, which is in no place of the drill")]
    [InlineData("path: /srv/drill/data", "path: /srv/drill/data/../../x", "which is in no place of the drill")]
    [InlineData("path: /srv/drill/data", "path: /srv/drill/database", "which is in no place of the drill")]
    public void A_drill_that_could_touch_the_real_thing_does_not(string what, string instead, string because)
    {
        var plan = PlanReaderTests.ReadGood(DrillExamples.Text.Replace(what, instead, StringComparison.Ordinal));

        var problem = Assert
            .Throws<ResurgamException>(() => DrillGuard.Check(plan, DrillExamples.Composed(plan)))
            .Problem;

        Assert.Equal("drill-refused", problem.Code);
        Assert.Contains(because, problem.What, StringComparison.Ordinal);
    }
}
