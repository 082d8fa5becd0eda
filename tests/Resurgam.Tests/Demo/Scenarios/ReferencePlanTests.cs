using System.Globalization;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Demo.Scenarios;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Demo.Scenarios;

/// <summary>The plan that the demo of a scenario carries out is the reference plan, on places of its own.</summary>
public sealed class ReferencePlanTests
{
    private const string Folder = "/tmp/demo";

    [Fact]
    public void What_is_built_in_is_the_file() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(Repository.Root, "plans/healthcare-gitops/resurgam.yaml")),
            ReferencePlan.Read()
        );

    [Fact]
    public void Every_place_is_in_the_folder()
    {
        var text = Written();

        string[] foreign =
        [
            " /srv/",
            "=/srv/",
            "/etc/resurgam",
            "/var/",
            "/usr/",
            "/mnt/",
            ".internal",
            ".service",
            ":80",
            ":90",
        ];
        Assert.All(foreign, part => Assert.DoesNotContain(part, text, StringComparison.Ordinal));
        Assert.Contains(
            $"url: 'http://127.0.0.1:{18081.ToString(CultureInfo.InvariantCulture)}'",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Scenarios_runbooks_and_people_are_those_of_the_reference_plan()
    {
        var (reference, plan) = (PlanReaderTests.ReadGood(ReferencePlan.Read()), PlanReaderTests.ReadGood(Written()));

        Assert.Equal(reference.Scenarios, plan.Scenarios);
        Assert.Equal(reference.Runbooks.SelectMany(Described), plan.Runbooks.SelectMany(Described));

        static IEnumerable<string> Described(Runbook runbook) =>
            runbook.Steps.Select(step =>
                $"{runbook.Id}/{step.Id} {step.Action.Kind} {string.Join(' ', step.Needs)} {step.Approval} {step.Estimate}"
            );
    }

    [Fact]
    public void Its_clusters_are_those_that_run_here()
    {
        var plan = PlanReaderTests.ReadGood(Written());

        Assert.Equal("first", plan.Assets.OfType<Asset.Kubernetes>().Single().ClusterUid);
        Assert.Equal(
            [("cluster", "first", "drill"), ("new-cluster", null, "drill")],
            plan.Targets.OfType<Target.Kubernetes>()
                .Select(target => (target.Id.Value, target.ClusterUid, (target.Drill as Target.Kubernetes)?.ClusterUid))
        );
    }

    [Fact]
    public void Without_an_API_server_the_plan_is_the_same_but_for_what_needs_one()
    {
        var reference = PlanReaderTests.ReadGood(ReferencePlan.Read());
        var plan = PlanReaderTests.ReadGood(ReferencePlan.Write(Folder, port => port + 10_000, clusters: null));

        Assert.Equal(
            reference
                .Runbooks.SelectMany(one => one.Steps)
                .Where(step =>
                    step.Action.Asset != "cluster"
                    && !step.Action.Kind.StartsWith("kubernetes-", StringComparison.Ordinal)
                )
                .Select(step => $"{step.Id} {step.Action.Kind}"),
            plan.Runbooks.SelectMany(one => one.Steps).Select(step => $"{step.Id} {step.Action.Kind}")
        );
        Assert.Equal(
            ["evidence", "build, manifests, prove, sealing-keys"],
            [NeedsOf("security-breach", "isolate"), NeedsOf("cluster-failure", "deploy")]
        );
        Assert.DoesNotContain(plan.Scenarios, scenario => scenario.Affects.Contains("cluster"));
        Assert.Empty(plan.Targets.OfType<Target.Kubernetes>());

        string NeedsOf(string runbook, string step) =>
            string.Join(
                ", ",
                plan.Runbooks.Single(one => one.Id.Value == runbook)
                    .Steps.Single(one => one.Id.Value == step)
                    .Needs.Select(need => need.Value)
                    .Order(StringComparer.Ordinal)
            );
    }

    [Fact]
    public void Each_scenario_of_the_demo_is_in_the_plan_and_is_killed_in_a_step_of_its_runbook()
    {
        var plan = PlanReaderTests.ReadGood(ReferencePlan.Read());

        Assert.All(
            DemoScenario.All,
            scenario =>
            {
                var planned = plan.Scenarios.Single(one => one.Name == scenario.InPlan);
                var runbook = plan.Runbooks.Single(one => one.Id.Value == planned.Runbook);
                Assert.Contains(runbook.Steps, step => step.Id == scenario.KilledIn);
            }
        );
    }

    [Fact]
    public void A_step_is_left_out_of_drills_alone()
    {
        var before = PlanReaderTests.ReadGood(Written());
        foreach (var runbook in before.Runbooks)
        foreach (var step in runbook.Steps)
        {
            var plan = PlanReaderTests.ReadGood(ReferencePlan.Without(Written(), runbook.Id, step.Id));
            Assert.Equal(
                before.Runbooks.SelectMany(one => one.Steps).Count(one => one.InDrill == DrillBehaviour.Run)
                    - (step.InDrill == DrillBehaviour.Run ? 1 : 0),
                plan.Runbooks.SelectMany(one => one.Steps).Count(one => one.InDrill == DrillBehaviour.Run)
            );
            Assert.Equal(
                DrillBehaviour.Skip,
                plan.Runbooks.Single(one => one.Id == runbook.Id).FindStep(step.Id)?.InDrill
            );
        }
    }

    [Fact]
    public void Another_promise_is_that_of_one_scenario_alone()
    {
        var reference = PlanReaderTests.ReadGood(ReferencePlan.Read());
        var text = ReferencePlan.Promise(Written(), "database-failure", "rto", TimeSpan.FromSeconds(90));
        var plan = PlanReaderTests.ReadGood(ReferencePlan.Promise(text, "database-failure", "rpo", TimeSpan.Zero));

        Assert.Equal(
            reference.Scenarios.Select(scenario =>
                scenario.Name == "database-failure"
                    ? scenario with
                    {
                        Objectives = new(TimeSpan.FromSeconds(90), TimeSpan.Zero),
                    }
                    : scenario
            ),
            plan.Scenarios
        );
    }

    private static string Written() =>
        ReferencePlan.Write(Folder, port => port + 10_000, new ReferenceUids("first", "drill"));
}
