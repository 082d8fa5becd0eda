using System.Text;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

public sealed class KubernetesActionTests
{
    private const string Web = "/apis/apps/v1/namespaces/shop/deployments/web";
    private const string Autoscaler = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web";
    private const string Flux = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps";
    private const string Argo = "/apis/argoproj.io/v1alpha1/namespaces/shop/applications/shop";
    private const string Pod = "/api/v1/namespaces/shop/pods/web-1";
    private const string Policy = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/resurgam-quarantine";

    private static readonly string Digest = new('0', 64);

    private readonly KubernetesDouble _cluster = new();

    public KubernetesActionTests()
    {
        _cluster.Put("v1", "Namespace", null, "shop", "{}");
        _cluster.Put("apps/v1", "Deployment", "shop", "web", """{ "spec": { "replicas": 5 } }""");
        _cluster.Put("apps/v1", "StatefulSet", "shop", "queue", """{ "spec": { "replicas": 3 } }""");
    }

    [Fact]
    public async Task Another_cluster_is_not_touched()
    {
        var bench = Bench(
            "{ action: kubernetes-scale, with: { target: cluster, workloads: [Deployment/web], replicas: '0' } }",
            uid: "another"
        );
        var e = await Assert.ThrowsAsync<ResurgamException>(bench.ActAsync);
        Assert.Equal("kubernetes-other-cluster-refused", e.Problem.Code);
        Assert.Empty(_cluster.Writes);
    }

    [Fact]
    public async Task Scaling_keeps_the_counts_and_a_later_step_or_undo_brings_them_back()
    {
        const string with = "target: cluster, workloads: [Deployment/web, StatefulSet/queue]";
        var down = Bench($"{{ action: kubernetes-scale, with: {{ {with}, replicas: '0' }} }}");
        var report = await down.RunAsync();
        Assert.Equal("Deployment/web has 0 pods; StatefulSet/queue has 0 pods", report.What);
        Assert.Equal((0, 0), (CountOf(Web), CountOf("/apis/apps/v1/namespaces/shop/statefulsets/queue")));
        // Cut off and repeated, and a second step that does the same: the first numbers stay.
        await down.RepeatAsync();
        await Bench($"{{ action: kubernetes-scale, with: {{ {with}, replicas: '1' }} }}").RunAsync();

        var up = Bench($"{{ action: kubernetes-scale, with: {{ {with}, replicas: before }} }}");
        await up.RunAsync();
        await up.RepeatAsync();
        Assert.Equal((5, 3), (CountOf(Web), CountOf("/apis/apps/v1/namespaces/shop/statefulsets/queue")));
        Assert.Null(_cluster.Live(Web).Find("metadata", "annotations", "resurgam.io/replicas-before"));

        await down.RunAsync();
        await down.UndoAsync();
        Assert.Equal(5, CountOf(Web));
    }

    [Fact]
    public async Task Nothing_that_was_not_recorded_is_guessed()
    {
        var up = Bench(
            "{ action: kubernetes-scale, with: { target: cluster, workloads: [Deployment/web], replicas: before } }"
        );
        await up.LookAsync();
        var e = await Assert.ThrowsAsync<ResurgamException>(up.ActAsync);
        Assert.Equal("kubernetes-action-refused", e.Problem.Code);
        Assert.Equal(5, CountOf(Web));
    }

    [Fact]
    public async Task A_change_of_somebody_else_in_between_is_not_lost()
    {
        var races = 0;
        _cluster.Before = (method, _) =>
        {
            if (method == HttpMethod.Patch && races++ == 0)
                _cluster.Put("apps/v1", "Deployment", "shop", "web", """{ "spec": { "replicas": 7 } }""");
        };
        var down = Bench(
            "{ action: kubernetes-scale, with: { target: cluster, workloads: [Deployment/web], replicas: '0' } }"
        );
        await down.RunAsync();
        Assert.Equal(
            ("7", 0),
            (_cluster.Live(Web).FindText("metadata", "annotations", "resurgam.io/replicas-before"), CountOf(Web))
        );
    }

    [Fact]
    public async Task What_would_turn_changes_back_is_held_and_woken_to_what_it_was()
    {
        FillReconcilers();
        const string with = "target: cluster, reconcilers: [Kustomization/flux-system/apps]";
        var pause = Bench($"{{ action: kubernetes-pause, with: {{ {with} }} }}");
        await pause.RunAsync();
        Assert.True(_cluster.Live(Flux).IsTrue("spec", "suspend"));
        Assert.Equal(4, _cluster.Live(Autoscaler).FindNumber("spec", "maxReplicas"));
        Assert.Null(_cluster.Live(Argo).Find("spec", "syncPolicy", "automated"));
        Assert.True(await pause.ProbeAsync());
        await pause.RepeatAsync();

        await Bench($"{{ action: kubernetes-resume, with: {{ {with} }} }}").RunAsync();
        Assert.False(_cluster.Live(Flux).IsTrue("spec", "suspend"));
        Assert.Equal(9, _cluster.Live(Autoscaler).FindNumber("spec", "maxReplicas"));
        Assert.True(_cluster.Live(Argo).IsTrue("spec", "syncPolicy", "automated", "prune"));
        Assert.Null(_cluster.Live(Argo).Find("metadata", "annotations", "argocd.argoproj.io/skip-reconcile"));
    }

    [Fact]
    public async Task What_somebody_else_holds_stays_held()
    {
        FillReconcilers();
        _cluster.Put(
            "kustomize.toolkit.fluxcd.io/v1",
            "Kustomization",
            "flux-system",
            "apps",
            """{ "spec": { "suspend": true } }"""
        );
        var pause = Bench(
            "{ action: kubernetes-pause, with: { target: cluster, reconcilers: [Kustomization/flux-system/apps] } }"
        );
        await pause.RunAsync();
        await pause.UndoAsync();
        Assert.True(_cluster.Live(Flux).IsTrue("spec", "suspend"));
        Assert.Equal(9, _cluster.Live(Autoscaler).FindNumber("spec", "maxReplicas"));
    }

    [Fact]
    public async Task A_restart_that_is_repeated_restarts_nothing_anew()
    {
        var restart = Bench("{ action: kubernetes-restart, with: { target: cluster, workloads: [Deployment/web] } }");
        Assert.Equal("Deployment/web restarted and ready", (await restart.RunAsync()).What);
        Assert.NotNull(
            _cluster
                .Live(Web)
                .FindText("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")
        );
        var writes = _cluster.Writes.Count;
        await restart.RepeatAsync();
        Assert.Equal(writes, _cluster.Writes.Count);
    }

    [Theory]
    [InlineData("""{ "paused": true }""", "rollout is paused")]
    [InlineData("""{ "updateStrategy": { "type": "OnDelete" } }""", "OnDelete")]
    public async Task A_restart_that_would_do_nothing_is_refused(string spec, string why)
    {
        _cluster.Put("apps/v1", "Deployment", "shop", "web", $$"""{ "spec": {{spec}} }""");
        var restart = Bench("{ action: kubernetes-restart, with: { target: cluster, workloads: [Deployment/web] } }");
        var e = await Assert.ThrowsAsync<ResurgamException>(restart.LookAsync);
        Assert.Contains(why, e.Problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_brings_the_whole_template_back_and_undo_the_one_that_was_there()
    {
        FillRevisions($"web@sha256:{Digest}", "web@sha256:new");
        var back = Bench(
            "{ action: kubernetes-rollback, with: { target: cluster, workload: Deployment/web, revision: '1' } }"
        );
        await back.RunAsync();
        Assert.Equal($"web@sha256:{Digest}", Container().FindText("image"));
        Assert.Null(Container().Find("env"));
        await back.UndoAsync();
        Assert.Equal("web@sha256:new", Container().FindText("image"));
    }

    [Theory]
    [InlineData("web:latest", "web:latest", false, "same images by tag")]
    [InlineData("web:1", "web:2", true, "it is reconciled")]
    public async Task A_rollback_that_would_not_hold_is_refused(string old, string now, bool isReconciled, string why)
    {
        FillRevisions(old, now, isReconciled);
        var back = Bench(
            "{ action: kubernetes-rollback, with: { target: cluster, workload: Deployment/web, revision: '1' } }"
        );
        var e = await Assert.ThrowsAsync<ResurgamException>(back.LookAsync);
        Assert.Contains(why, e.Problem.What, StringComparison.Ordinal);
        var unknown = Bench(
            "{ action: kubernetes-rollback, with: { target: cluster, workload: Deployment/web, revision: '9' } }"
        );
        e = await Assert.ThrowsAsync<ResurgamException>(unknown.LookAsync);
        Assert.Contains("has no revision 9", e.Problem.What, StringComparison.Ordinal);
        Assert.Equal("It has these: 1, 2.", e.Problem.Hint);
    }

    [Fact]
    public async Task A_pod_in_quarantine_keeps_living_without_labels_and_comes_back()
    {
        FillPod();
        var quarantine = Bench("{ action: kubernetes-quarantine, with: { target: cluster, selector: app=web } }");
        await quarantine.RunAsync();
        Assert.Equal(["resurgam.io/quarantine"], LabelsOf(Pod));
        Assert.Equal(
            "true",
            _cluster.Live(Policy).FindText("spec", "podSelector", "matchLabels", "resurgam.io/quarantine")
        );
        Assert.True(await quarantine.ProbeAsync());
        await quarantine.RepeatAsync();
        await quarantine.UndoAsync();
        Assert.Equal(["app", "tier"], LabelsOf(Pod));
        Assert.DoesNotContain(Policy, _cluster.Paths);
    }

    [Theory]
    [InlineData("kubernetes-quarantine")]
    [InlineData("kubernetes-evict")]
    public async Task More_pods_than_the_step_may_touch_are_left_alone(string kind)
    {
        FillPod();
        _cluster.Put("v1", "Pod", "shop", "web-2", """{ "metadata": { "labels": { "app": "web" } } }""");
        var bench = Bench($"{{ action: {kind}, with: {{ target: cluster, selector: app=web }} }}");
        var e = await Assert.ThrowsAsync<ResurgamException>(bench.LookAsync);
        Assert.Contains("app=web means 2 pods, and the step may touch 1", e.Problem.What, StringComparison.Ordinal);
        Assert.Empty(_cluster.Writes);
    }

    [Fact]
    public async Task An_eviction_waits_for_the_budget()
    {
        FillPod();
        _cluster.BudgetRefusals = 3;
        var evict = Bench("{ action: kubernetes-evict, with: { target: cluster, selector: app=web } }");
        Assert.Equal("gone: web-1", (await evict.RunAsync()).What);
        Assert.DoesNotContain(Pod, _cluster.Paths);
        Assert.True(await evict.ProbeAsync());
    }

    [Fact]
    public async Task Evidence_is_kept_with_its_hashes_and_what_is_missing_is_told()
    {
        FillPod();
        _cluster.Logs[$"{Pod}/log?container=app"] = "it broke";
        _cluster.Logs[$"{Pod}/log?container=app previous"] = "it broke before";
        var bench = Bench("{ action: kubernetes-evidence, with: { target: cluster, selector: app=web } }");
        var report = await bench.RunAsync();
        const string folder = "r-20261125-120000-abcd/s/web-1";
        Assert.Equal(
            [$"{folder}/app.log", $"{folder}/app.previous.log", $"{folder}/events.json", $"{folder}/pod.json"],
            bench.Kept.Files.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal("it broke before", Encoding.UTF8.GetString(bench.Kept.Files[$"{folder}/app.previous.log"]));
        Assert.Equal(64, report.FindNote("sha256.web-1/app.log")?.Length);
        Assert.Contains("not to be had: web-1/proxy.log", report.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_are_applied_in_order_and_not_at_all_when_one_conflicts()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullPath, "app.yaml"),
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: api }
            spec: { replicas: 2 }
            ---
            # a comment alone is no document
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: api, namespace: shop }
            data: { level: info, port: "80" }
            """,
            TestContext.Current.CancellationToken
        );
        var apply = Bench($"{{ action: kubernetes-apply, with: {{ target: cluster, path: {folder.FullPath} }} }}");
        Assert.Equal("2 created, 0 changed, 0 unchanged", (await apply.RunAsync()).What);
        Assert.Equal("0 created, 0 changed, 2 unchanged", (await apply.RepeatAsync()).What);
        Assert.Equal("80", _cluster.Live("/api/v1/namespaces/shop/configmaps/api").FindText("data", "port"));

        _cluster.Put("apps/v1", "Deployment", "shop", "api", """{ "spec": { "replicas": 9 } }""", "somebody");
        _cluster.Delete("/api/v1/namespaces/shop/configmaps/api");
        var e = await Assert.ThrowsAsync<ResurgamException>(apply.ActAsync);
        Assert.Contains(
            "nothing was changed: Deployment shop/api: conflict with",
            e.Problem.What,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("/api/v1/namespaces/shop/configmaps/api", _cluster.Paths);
    }

    [Theory]
    [InlineData("kind: ConfigMap\nmetadata: { name: a }\n", "lacks apiVersion")]
    [InlineData(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: other }\n",
        "is not of namespace shop"
    )]
    [InlineData(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: yes }\n",
        "line 4: 'yes' is true or false"
    )]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\na: b: c\n", "line 5")]
    public async Task A_manifest_that_is_none_is_told_with_its_place(string yaml, string what)
    {
        using TemporaryFolder folder = new();
        var file = Path.Combine(folder.FullPath, "a.yaml");
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        var apply = Bench($"{{ action: kubernetes-apply, with: {{ target: cluster, path: {file} }} }}");
        var e = await Assert.ThrowsAsync<ResurgamException>(apply.LookAsync);
        Assert.Equal("kubernetes-manifest", e.Problem.Code);
        Assert.Contains(what, e.Problem.What, StringComparison.Ordinal);
    }

    private StepBench Bench(string step, string uid = KubernetesDouble.Uid) =>
        new(
            $"{{ cluster: {{ kind: kubernetes, context: double, cluster-uid: {uid}, namespace: shop }} }}",
            step,
            TestContext.Current.CancellationToken
        )
        {
            Cluster = _cluster,
        };

    private long CountOf(string path) => _cluster.Live(path).FindNumber("spec", "replicas") ?? -1;

    private IEnumerable<string> LabelsOf(string path) =>
        ((System.Text.Json.Nodes.JsonObject)_cluster.Live(path).Find("metadata", "labels")!).Select(label => label.Key);

    private System.Text.Json.Nodes.JsonObject Container() =>
        _cluster.Live(Web).Items("spec", "template", "spec", "containers").Single();

    private void FillReconcilers()
    {
        _cluster.Put(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            "shop",
            "web",
            """{ "spec": { "minReplicas": 2, "maxReplicas": 9 }, "status": { "currentReplicas": 4 } }"""
        );
        _cluster.Put("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "flux-system", "apps", """{ "spec": {} }""");
        _cluster.Put(
            "argoproj.io/v1alpha1",
            "Application",
            "shop",
            "shop",
            """{ "spec": { "syncPolicy": { "automated": { "prune": true } } } }"""
        );
    }

    private void FillRevisions(string old, string now, bool isReconciled = false)
    {
        var labels = isReconciled ? """, "labels": { "kustomize.toolkit.fluxcd.io/name": "apps" }""" : "";
        _cluster.Put(
            "apps/v1",
            "Deployment",
            "shop",
            "web",
            $$"""
            { "metadata": { "annotations": { "deployment.kubernetes.io/revision": "2" }{{labels}} },
              "spec": { "replicas": 1, "template": { "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": "{{now}}", "env": [] }] } } } }
            """
        );
        var uid = _cluster.Live(Web).FindText("metadata", "uid");
        foreach (var (revision, image, more) in ((int, string, string)[])[(1, old, ""), (2, now, ", \"env\": []")])
            _cluster.Put(
                "apps/v1",
                "ReplicaSet",
                "shop",
                $"web-{revision}",
                $$"""
                { "metadata": { "annotations": { "deployment.kubernetes.io/revision": "{{revision}}" }, "ownerReferences": [{ "uid": "{{uid}}" }] },
                  "spec": { "template": { "metadata": { "labels": { "app": "web", "pod-template-hash": "x{{revision}}" } },
                    "spec": { "containers": [{ "name": "web", "image": "{{image}}"{{more}} }] } } } }
                """
            );
    }

    private void FillPod() =>
        _cluster.Put(
            "v1",
            "Pod",
            "shop",
            "web-1",
            """
            { "metadata": { "labels": { "app": "web", "tier": "front" } },
              "spec": { "containers": [{ "name": "app" }, { "name": "proxy" }] },
              "status": { "containerStatuses": [{ "name": "app", "restartCount": 2, "imageID": "web@sha256:1" }] } }
            """
        );
}
