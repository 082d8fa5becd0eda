using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;

namespace Resurgam.RealTests.Runs;

/// <summary>The actions on Kubernetes against the real API server. Its controllers do not run: the tests do what they would.</summary>
public sealed class KubernetesActionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-actions-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Timeout = 120_000)]
    public async Task Scaling_keeps_the_count_that_was_there_and_restarting_waits_until_all_is_ready()
    {
        var server = await FillAsync("scaling", TestContext.Current.CancellationToken);
        var web = Deployment("scaling");
        const string with = "target: cluster, workloads: [Deployment/web]";
        var down = await BenchAsync(
            server,
            "scaling",
            $"{{ action: kubernetes-scale, with: {{ {with}, replicas: '0', wait: false }} }}"
        );
        Assert.Equal("Deployment/web has 0 pods", (await down.RunAsync()).What);
        var json = await server.GetAsync(web, Token);
        Assert.Equal(
            (0, "3"),
            (
                json.FindNumber("spec", "replicas"),
                json.FindText("metadata", "annotations", "resurgam.io/replicas-before")
            )
        );
        var up = await BenchAsync(
            server,
            "scaling",
            $"{{ action: kubernetes-scale, with: {{ {with}, replicas: before, wait: false }} }}"
        );
        Assert.Equal("Deployment/web has 3 pods", (await up.RunAsync()).What);
        await up.RepeatAsync();
        json = await server.GetAsync(web, Token);
        Assert.Equal(3, json.FindNumber("spec", "replicas"));
        Assert.Null(json.Find("metadata", "annotations", "resurgam.io/replicas-before"));
        await down.RunAsync();
        await down.UndoAsync();
        Assert.Equal(3, (await server.GetAsync(web, Token)).FindNumber("spec", "replicas"));

        var restart = await BenchAsync(server, "scaling", $"{{ action: kubernetes-restart, with: {{ {with} }} }}");
        await restart.LookAsync();
        var restarting = restart.ActAsync();
        await Eventually.HoldsAsync(
            () => "no mark of a restart",
            async () => RestartedAt(await server.GetAsync(web, Token)) is not null,
            Token
        );
        Assert.False(restarting.IsCompleted);
        await SettleAsync(server, web);
        Assert.Equal("Deployment/web restarted and ready", (await restarting).What);
        var generation = (await server.GetAsync(web, Token)).FindNumber("metadata", "generation");
        await restart.RepeatAsync();
        var wait = await BenchAsync(server, "scaling", $"{{ action: kubernetes-wait, with: {{ {with} }} }}");
        Assert.Equal("Deployment/web ready", (await wait.RunAsync()).What);
        Assert.Equal(generation, (await server.GetAsync(web, Token)).FindNumber("metadata", "generation"));

        static string? RestartedAt(JsonObject json) =>
            json.FindText("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt");
    }

    [Fact(Timeout = 120_000)]
    public async Task What_a_run_changed_is_no_conflict_for_a_restore()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await server.CreateAsync(
            "apiVersion: v1\nkind: Namespace\nmetadata: { name: own }\n---\n" + DeploymentOf("own"),
            Token
        );
        await using var world = await ApiServerWorld.CreateAsync(
            server,
            $", context: test, cluster-uid: {await server.UidAsync(Token)}, namespaces: [own]",
            Token
        );
        await world.RunAsync("backup", ApiServerWorld.Asset);
        await server.DeleteAsync(Deployment("own"), Token);
        await world.RunAsync("restore", ApiServerWorld.Asset, "--to", "cluster:");
        var down = await BenchAsync(
            server,
            "own",
            "{ action: kubernetes-scale, with: { target: cluster, workloads: [Deployment/web], replicas: '0', wait: false } }"
        );
        await down.RunAsync();

        var again = await world.AskAsync("restore", ApiServerWorld.Asset, "--to", "cluster:");

        Assert.Equal(1, again.GetProperty("objects").GetProperty("changed").GetInt32());
        Assert.Equal(3, (await server.GetAsync(Deployment("own"), Token)).FindNumber("spec", "replicas"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_rollback_brings_the_template_of_an_older_revision_back()
    {
        var server = await FillAsync("back", TestContext.Current.CancellationToken);
        var web = Deployment("back");
        var uid = (await server.GetAsync(web, Token)).FindText("metadata", "uid");
        foreach (var revision in (string[])["1", "2"])
            await server.CreateAsync(
                $$"""
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata:
                  name: web-{{revision}}
                  namespace: back
                  annotations: { deployment.kubernetes.io/revision: "{{revision}}" }
                  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: "{{uid}}", controller: true }]
                spec:
                  selector: { matchLabels: { app: web, pod-template-hash: x{{revision}} } }
                  template:
                    metadata: { labels: { app: web, pod-template-hash: x{{revision}} } }
                    spec: { containers: [{ name: web, image: "registry.example.com/web:{{revision}}" }] }

                """,
                Token
            );
        await server.PatchAsync(
            web,
            """{ "metadata": { "annotations": { "deployment.kubernetes.io/revision": "2" } }, "spec": { "template": { "spec": { "priority": null, "containers": [{ "name": "web", "image": "registry.example.com/web:2", "env": [{ "name": "A", "value": "b" }] }] } } } }""",
            Token
        );
        var back = await BenchAsync(
            server,
            "back",
            "{ action: kubernetes-rollback, with: { target: cluster, workload: Deployment/web, revision: '1', wait: false } }"
        );
        await back.RunAsync();
        var container = await ContainerAsync();
        Assert.Equal("registry.example.com/web:1", container.FindText("image"));
        Assert.Null(container.Find("env"));
        await back.UndoAsync();
        Assert.Equal("registry.example.com/web:2", (await ContainerAsync()).FindText("image"));

        async Task<JsonObject> ContainerAsync() =>
            (await server.GetAsync(web, Token)).Items("spec", "template", "spec", "containers").Single();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_pod_is_cut_off_and_comes_back_and_evidence_of_it_is_kept()
    {
        var server = await FillAsync("suspect", TestContext.Current.CancellationToken);
        const string pod = "/api/v1/namespaces/suspect/pods/web-1";
        const string policy = "/apis/networking.k8s.io/v1/namespaces/suspect/networkpolicies/resurgam-quarantine";
        await server.CreateAsync(PodOf("suspect"), Token);
        await server.CreateAsync(
            """
            apiVersion: v1
            kind: Event
            metadata: { name: web-1.1, namespace: suspect }
            involvedObject: { apiVersion: v1, kind: Pod, name: web-1, namespace: suspect }
            reason: Odd
            message: it called home

            """,
            Token
        );
        var evidence = await BenchAsync(
            server,
            "suspect",
            "{ action: kubernetes-evidence, with: { target: cluster, selector: app=web } }"
        );
        var report = await evidence.RunAsync();
        Assert.Equal("3 files of 1 pods are in snapshot aaaaaaaa", report.What); // the log is empty: no node ever ran it
        Assert.Contains(
            "it called home",
            Encoding.UTF8.GetString(evidence.Kept.Files["r-20261125-120000-abcd/s/web-1/events.json"]),
            StringComparison.Ordinal
        );

        var quarantine = await BenchAsync(
            server,
            "suspect",
            "{ action: kubernetes-quarantine, with: { target: cluster, selector: app=web } }"
        );
        await quarantine.RunAsync();
        Assert.Equal("""{"resurgam.io/quarantine":"true"}""", Labels(await server.GetAsync(pod, Token)));
        Assert.Equal(
            """{"matchLabels":{"resurgam.io/quarantine":"true"}}""",
            (await server.GetAsync(policy, Token)).Find("spec", "podSelector")?.ToJsonString()
        );
        Assert.True(await quarantine.ProbeAsync());
        await quarantine.UndoAsync();
        Assert.Equal("""{"app":"web","tier":"front"}""", Labels(await server.GetAsync(pod, Token)));
        Assert.Null(await server.Api.FindAsync(policy, Token));

        static string? Labels(JsonObject json) => json.Find("metadata", "labels")?.ToJsonString();
    }

    [Fact(Timeout = 120_000)]
    public async Task An_eviction_waits_for_the_budget()
    {
        var server = await FillAsync("evicting", TestContext.Current.CancellationToken);
        const string pod = "/api/v1/namespaces/evicting/pods/web-1";
        await server.CreateAsync(PodOf("evicting"), Token);
        await server.CreateAsync(
            """
            apiVersion: policy/v1beta1
            kind: PodDisruptionBudget
            metadata: { name: web, namespace: evicting }
            spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }

            """,
            Token
        );
        await server.PatchAsync(
            $"{pod}/status",
            """{ "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] } }""",
            Token
        );
        var evict = await BenchAsync(
            server,
            "evicting",
            "{ action: kubernetes-evict, with: { target: cluster, selector: app=web } }"
        );
        await evict.LookAsync();
        var evicting = evict.ActAsync();
        // The budget's controller has not counted yet: no pod may go.
        ApiRequest again = new(HttpMethod.Post, $"{pod}/eviction")
        {
            IsImpatient = true,
            Body =
                """{ "apiVersion": "policy/v1beta1", "kind": "Eviction", "metadata": { "name": "web-1", "namespace": "evicting" } }"""u8.ToArray(),
        };
        Assert.Equal(ApiAnswer.TooMany, (await server.Api.SendAsync(again, Token)).Status);
        Assert.False(evicting.IsCompleted);
        await server.DeleteAsync("/apis/policy/v1beta1/namespaces/evicting/poddisruptionbudgets/web", Token);
        Assert.Equal("gone: web-1", (await evicting).What);
        Assert.Null(await server.Api.FindAsync(pod, Token));
    }

    [Fact(Timeout = 120_000)]
    public async Task An_autoscaler_is_held_and_woken_to_what_it_was()
    {
        var server = await FillAsync("held", TestContext.Current.CancellationToken);
        const string autoscaler = "/apis/autoscaling/v1/namespaces/held/horizontalpodautoscalers/web";
        await server.CreateAsync(
            """
            apiVersion: autoscaling/v2beta2
            kind: HorizontalPodAutoscaler
            metadata: { name: web, namespace: held }
            spec:
              minReplicas: 2
              maxReplicas: 9
              scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
              metrics:
              - { type: Resource, resource: { name: memory, target: { type: Utilization, averageUtilization: 70 } } }

            """,
            Token
        );
        var before = (await server.GetAsync(autoscaler, Token)).Find("spec")!.ToJsonString();
        await (await BenchAsync(server, "held", "{ action: kubernetes-pause, with: { target: cluster } }")).RunAsync();
        var held = await server.GetAsync(autoscaler, Token);
        Assert.Equal(held.FindNumber("spec", "minReplicas"), held.FindNumber("spec", "maxReplicas"));
        await (await BenchAsync(server, "held", "{ action: kubernetes-resume, with: { target: cluster } }")).RunAsync();
        Assert.Equal(before, (await server.GetAsync(autoscaler, Token)).Find("spec")!.ToJsonString());
    }

    [Fact(Timeout = 120_000)]
    public async Task Manifests_are_applied_with_their_definition_first_and_not_at_all_when_one_conflicts()
    {
        var server = await FillAsync("applying", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "all.yaml"),
            """
            apiVersion: applying.example.com/v1
            kind: Door
            metadata: { name: front }
            open: false
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: door }
            data: { sign: "closed 🔒" }
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: doors.applying.example.com }
            spec:
              group: applying.example.com
              scope: Namespaced
              names: { kind: Door, plural: doors, singular: door }
              versions:
              - name: v1
                served: true
                storage: true
                schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }

            """,
            Token
        );
        var apply = await BenchAsync(
            server,
            "applying",
            $"{{ action: kubernetes-apply, with: {{ target: cluster, path: {_folder} }} }}"
        );
        Assert.Equal("3 created, 0 changed, 0 unchanged", (await apply.RunAsync()).What);
        Assert.Equal("0 created, 0 changed, 3 unchanged", (await apply.RepeatAsync()).What);

        const string door = "/apis/applying.example.com/v1/namespaces/applying/doors/front";
        const string map = "/api/v1/namespaces/applying/configmaps/door";
        await server.PatchAsync(door, """{ "open": true }""", Token);
        await server.DeleteAsync(map, Token);
        var refusal = await Assert.ThrowsAsync<ResurgamException>(apply.ActAsync);
        Assert.Equal(
            "nothing was changed: Door applying/front: conflict with \"kubectl-edit\" using applying.example.com/v1: .open",
            refusal.Problem.What
        );
        Assert.Null(await server.Api.FindAsync(map, Token));
    }

    /// <summary>A namespace with a Deployment of three pods.</summary>
    private static async Task<ApiServer> FillAsync(string name, CancellationToken cancellationToken)
    {
        var server = await ApiServer.ShareAsync(cancellationToken);
        await server.CreateAsync(
            $"apiVersion: v1\nkind: Namespace\nmetadata: {{ name: {name} }}\n---\n" + DeploymentOf(name),
            cancellationToken
        );
        return server;
    }

    private async Task<StepBench> BenchAsync(ApiServer server, string name, string step)
    {
        var kubeconfig = Path.Combine(_folder, "kubeconfig");
        server.WriteKubeconfig(kubeconfig);
        return new StepBench(
            $"{{ cluster: {{ kind: kubernetes, kubeconfig: {kubeconfig}, context: test, cluster-uid: {await server.UidAsync(Token)}, namespace: {name} }} }}",
            step,
            Token,
            TimeProvider.System
        );
    }

    private static string Deployment(string name) => $"/apis/apps/v1/namespaces/{name}/deployments/web";

    private static string DeploymentOf(string name) =>
        $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: web, namespace: {{name}} }
            spec:
              replicas: 3
              selector: { matchLabels: { app: web } }
              template:
                metadata: { labels: { app: web } }
                spec: { containers: [{ name: web, image: "registry.example.com/web:1" }] }

            """;

    private static string PodOf(string name) =>
        $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: web-1, namespace: {{name}}, labels: { app: web, tier: front } }
            spec: { containers: [{ name: app, image: "registry.example.com/web:1" }] }

            """;

    /// <summary>What the controller of a Deployment would tell in the end.</summary>
    private static async Task SettleAsync(ApiServer server, string path)
    {
        var json = await server.GetAsync(path, Token);
        var pods = json.FindNumber("spec", "replicas");
        await server.PatchAsync(
            $"{path}/status",
            $$"""{ "status": { "observedGeneration": {{json.FindNumber("metadata", "generation")}}, "replicas": {{pods}}, "updatedReplicas": {{pods}}, "readyReplicas": {{pods}}, "availableReplicas": {{pods}} } }""",
            Token
        );
    }
}
