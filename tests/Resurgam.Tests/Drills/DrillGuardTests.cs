using Resurgam.Core.Drills;
using Resurgam.Core.Plans;
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
    [InlineData(
        "ssh://git@git.example.net:2222/shop/manifests.git",
        "repository git.example.net/shop/manifests is not isolated from target repo"
    )]
    [InlineData("https://git.example.net:8443/shop/Policies", "is not isolated from asset code")]
    [InlineData("git@github.com:acme/drill.git", "repository github.com/acme/drill is not isolated from asset all")]
    [InlineData("ssh://git@ssh.github.com:443/Acme/drill.git", "is not isolated from asset all")]
    [InlineData("https://git.corp.example/infra/drill", "is not isolated from asset corp")]
    [InlineData("https://github.com/acme-drills/manifests", null)]
    [InlineData("/srv/drill/git/manifests.git", null)]
    [InlineData("/srv/git/drill.git", null)]
    [InlineData("/srv/git/auth-service", "repository /srv/git/auth-service is not isolated from asset code")]
    public void Another_branch_or_transport_makes_no_other_repository(string place, string? because)
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples
                .Text.Replace(
                    "assets:\n",
                    "assets:\n  code: { kind: git, repositories: ['https://git.example.net/shop/policies', /srv/git/auth-service.git] }\n  all: { kind: git, github: { organisation: acme } }\n  corp: { kind: git, github: { organisation: infra, api: 'https://git.corp.example/api/v3' } }\n",
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
        ExpectOf(plan, because);
    }

    [Theory]
    [InlineData("/srv/git/auth-service.git", "/srv/git", "folder /srv/git is not isolated from asset code")]
    [InlineData("/srv/git/auth-service", "/srv/git/auth-service.git", "is not isolated from asset code")]
    [InlineData("file:///srv/g%69t/auth-service.git", "/srv/git", "folder /srv/git is not isolated from asset code")]
    [InlineData("/srv/git/auth-service.git", "/srv/drill/git", null)]
    public void A_repository_of_this_machine_is_a_folder_too(string real, string to, string? because)
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples
                .Text.Replace(
                    "assets:\n",
                    $"assets:\n  code: {{ kind: git, repositories: ['{real}'] }}\n",
                    StringComparison.Ordinal
                )
                .Replace("/srv/drill/new", to, StringComparison.Ordinal)
        );
        ExpectOf(plan, because);
    }

    [Theory]
    [InlineData("", "drill: run, ", "step push would act on /srv/restored.git")]
    [InlineData(", drill-from: /srv/restored.git", "", "folder /srv/restored.git is not isolated from what step push")]
    [InlineData(", drill-from: /srv/drill/new/x.git", "", null)]
    public void What_a_drill_pushes_is_its_own(string from, string run, string? because)
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples
                .Text.Replace(
                    "targets:\n",
                    "targets:\n  repo: { kind: git, address: 'https://git.example.net/a/b', branch: main, drill: { address: 'https://git.example.net/drill/b', branch: main } }\n",
                    StringComparison.Ordinal
                )
                .Replace(
                    "      prove:",
                    $"      push: {{ action: git-push, with: {{ target: repo, from: /srv/restored.git{from} }}, {run}estimate: 5s }}\n      prove:",
                    StringComparison.Ordinal
                )
        );
        ExpectOf(plan, because);
    }

    [Theory]
    [InlineData("drill", "shop", null)]
    [InlineData("real", "shop-drill", null)]
    [InlineData("real", "shop", "namespace shop of cluster real is not isolated from target cluster")]
    public void A_namespace_is_that_of_its_cluster_whatever_context_leads_there(
        string uid,
        string space,
        string? because
    )
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples
                .Text.Replace(
                    "targets:\n",
                    $"targets:\n  cluster: {{ kind: kubernetes, context: prod, cluster-uid: real, namespace: shop, drill: {{ context: other, cluster-uid: {uid}, namespace: {space} }} }}\n",
                    StringComparison.Ordinal
                )
                .Replace(
                    "      prove:",
                    "      scale: { action: kubernetes-scale, with: { target: cluster, workloads: [Deployment/api], replicas: '0' }, estimate: 5s }\n      prove:",
                    StringComparison.Ordinal
                )
        );
        ExpectOf(plan, because);
    }

    [Fact]
    public void A_drill_with_places_of_its_own_begins()
    {
        var plan = DrillExamples.Plan;
        var runbook = DrillExamples.Composed(plan);

        DrillGuard guard = new(plan, runbook, _ => null);
        guard.Check();

        Assert.Equal(
            ["server drill:5432", "folder /srv/drill/data", "folder /srv/drill/new"],
            guard.Places().Select(place => place.ToString())
        );
    }

    [Theory]
    [InlineData(", drill: { connection: host=drill, data-directory: /srv/drill/data }", "", "target db")]
    [InlineData("drill-to: /srv/drill/new, start: true }", "start: true }, drill: run", "/srv/new")]
    [InlineData("host=drill,", "port=5432 host=real dbname=x,", "server real:5432 is not isolated from target db")]
    [InlineData("/srv/drill/data }", "/srv/real/base }", "folder /srv/real/base is not isolated from target db")]
    [InlineData("host=drill,", "host=drill, clients: host=real,", "server real:5432 is not isolated from target db")]
    [InlineData("host=drill,", "postgresql://REAL/app,", "server real:5432 is not isolated from target db")]
    [InlineData("host=drill,", "dbname=app, clients: postgresql://REAL,", "server real:5432 is not isolated")]
    [InlineData("host=drill,", "'host = real',", "server real:5432 is not isolated from target db")]
    [InlineData("host=drill,", "host=other hostaddr=10.0.0.1, clients: postgresql://real,", "server real:5432 is")]
    [InlineData("drill-to: /srv/drill/new", "drill-to: /srv/vault/x", "is not isolated from the vault")]
    [InlineData("drill-to: /srv/drill/new", "drill-to: /srv", "folder /srv is not isolated from")]
    [InlineData("path: /srv/drill/data", "path: /srv/other", "/srv/other, which is in no place of the drill")]
    [InlineData("path: /srv/drill/data", "path: /srv/drill/data/../../x", "which is in no place of the drill")]
    [InlineData("path: /srv/drill/data", "path: /srv/drill/database", "which is in no place of the drill")]
    public void A_drill_that_could_touch_the_real_thing_does_not(string what, string instead, string because)
    {
        var plan = PlanReaderTests.ReadGood(DrillExamples.Text.Replace(what, instead, StringComparison.Ordinal));

        var problem = Assert
            .Throws<ResurgamException>(() => new DrillGuard(plan, DrillExamples.Composed(plan), _ => null).Check())
            .Problem;

        Assert.Equal("drill-refused", problem.Code);
        Assert.Contains(because, problem.What, StringComparison.Ordinal);
    }

    /// <summary>As libpq's rules go: a variable holds where the connection is silent, and an empty value is not silent.</summary>
    [Theory]
    [InlineData("user=postgres", "PGHOST", "REAL", "server real:5432 is not isolated from target db")]
    [InlineData("user=postgres", "PGHOSTADDR", "10.0.0.1", "server 10.0.0.1:5432 is not isolated from target db")]
    [InlineData("host=drill", "PGHOSTADDR", "10.0.0.1", "server 10.0.0.1:5432 is not isolated from target db")]
    [InlineData("host=real port=5433", "PGPORT", "5433", "server real:5433 is not isolated from target db")]
    [InlineData("host=drill", "PGHOST", "real", null)]
    [InlineData("host=''''", "PGHOST", "real", null)]
    public void A_connection_goes_where_the_environment_says(
        string connection,
        string name,
        string value,
        string? because
    )
    {
        var plan = PlanReaderTests.ReadGood(
            DrillExamples.Text.Replace("host=drill,", $"'{connection}',", StringComparison.Ordinal)
        );

        ExpectOf(plan, because, variable => variable == name ? value : null);
    }

    /// <param name="because">Part of what refuses it; null: it begins.</param>
    private static void ExpectOf(Plan plan, string? because, Func<string, string?>? variable = null)
    {
        DrillGuard guard = new(plan, DrillExamples.Composed(plan), variable ?? (_ => null));

        if (because is null)
            guard.Check();
        else
            Assert.Contains(
                because,
                Assert.Throws<ResurgamException>(guard.Check).Problem.What,
                StringComparison.Ordinal
            );
    }
}
