using System.Text.Json;
using Resurgam.Core.Kubernetes;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Kubernetes;

/// <summary>Backup, restore and verification of a real cluster's objects, each by the program itself.</summary>
public sealed class KubernetesTests
{
    private const string Objects = """
        [
          { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "NS" } },
          { "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "queues.NS.example.com" },
            "spec": { "group": "NS.example.com", "scope": "Namespaced", "names": { "plural": "queues", "kind": "Queue", "singular": "queue", "listKind": "QueueList" },
              "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } },
          { "apiVersion": "NS.example.com/v1", "kind": "Queue", "metadata": { "name": "orders", "namespace": "NS" }, "spec": { "depth": 10, "ratio": 0.5 } },
          { "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "login", "namespace": "NS" }, "type": "Opaque", "data": { "password": "aHVudGVyMg==" } },
          { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings", "namespace": "NS" }, "data": { "level": "info", "text": "ü < 1" } },
          { "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "web", "namespace": "NS" } },
          { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": { "name": "NS-reader" }, "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }] },
          { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "web", "namespace": "NS" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "NS-reader" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "NS" }] },
          { "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "NS-fast" }, "provisioner": "example.com/disk" },
          { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "db", "namespace": "NS" },
            "spec": { "accessModes": ["ReadWriteOnce"], "storageClassName": "NS-fast", "resources": { "requests": { "storage": "1Gi" } } } },
          { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web", "namespace": "NS" }, "spec": { "type": "NodePort", "selector": { "app": "web" }, "ports": [{ "port": 80 }] } },
          { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "NS" },
            "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "web" } }, "template": { "metadata": { "labels": { "app": "web" } },
              "spec": { "serviceAccountName": "web", "containers": [{ "name": "web", "image": "web@sha256:0000000000000000000000000000000000000000000000000000000000000000", "env": [{ "name": "DB", "value": "db.NS.svc" }] }] } } } },
          { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "import", "namespace": "NS" },
            "spec": { "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "a", "image": "b" }] } } } },
          { "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": { "name": "web", "namespace": "NS" },
            "spec": { "maxReplicas": 9, "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" } } },
          { "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "deny", "namespace": "NS" }, "spec": { "podSelector": {}, "policyTypes": ["Ingress"] } },
          { "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "few", "namespace": "NS" }, "spec": { "hard": { "secrets": "2" } } }
        ]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task Objects_of_many_kinds_come_back_equal_in_a_server_of_our_own()
    {
        using var world = await KubernetesWorld.CreateAsync(Token);
        await world.ApplyAsync(Objects);
        var (exitCode, backup) = await world.AskAsync("backup", KubernetesWorld.Asset);
        Assert.True(exitCode == 0, backup.ToString());
        Assert.Contains("16 objects of 1 namespaces", backup.GetProperty("notes").ToString(), StringComparison.Ordinal);

        var (verdict, verification) = await world.AskAsync("verify", KubernetesWorld.Asset);
        Assert.True(verdict == 0, verification.ToString());
        Assert.Contains("16 of 16 came back equal", verification.ToString(), StringComparison.Ordinal);
        Assert.Contains("an API server of our own (v1.20.2)", verification.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(world.Folder, "state", "verify", KubernetesWorld.Asset)));
        Assert.DoesNotContain("aHVudGVyMg", verification.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 240_000)]
    public async Task Without_a_server_of_our_own_the_cluster_is_asked_and_the_report_says_so()
    {
        using var world = await KubernetesWorld.CreateAsync(Token);
        await world.ApplyAsync(Objects);
        await world.RunAsync("backup", KubernetesWorld.Asset);
        await world.WritePlanAsync("plan.yaml", "binaries: /nowhere");
        var (exitCode, verification) = await world.AskAsync("verify", KubernetesWorld.Asset);
        Assert.True(exitCode == 0, verification.ToString());
        Assert.Contains("no kube-apiserver with an etcd is here", verification.ToString(), StringComparison.Ordinal);
        Assert.Contains("16 of 16 would come back equal", verification.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 240_000)]
    public async Task What_was_deleted_comes_back_and_what_others_changed_is_theirs_until_it_is_forced()
    {
        using var world = await KubernetesWorld.CreateAsync(Token);
        await world.ApplyAsync(Objects);
        await world.RunAsync("backup", KubernetesWorld.Asset);
        var before = await ReadAsync(world, "apis/apps/v1", "deployments/web");
        await DeleteAsync(world, "api/v1", "secrets/login");
        await world.ApplyAsync(
            """[{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings", "namespace": "NS" }, "data": { "level": "debug" } }]""",
            "somebody"
        );

        var (dryCode, dry) = await world.AskAsync("restore", KubernetesWorld.Asset, "--to", "cluster:", "--dry-run");
        Assert.Equal(25, dryCode);
        Assert.Contains(
            "conflict with \\\"somebody\\\"",
            dry.GetProperty("objects").GetRawText().Replace("\\u0022", "\\\"", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.Null(await FindAsync(world, "api/v1", "secrets/login"));

        var (code, restored) = await world.AskAsync("restore", KubernetesWorld.Asset, "--to", "cluster:");
        Assert.Equal(25, code);
        Assert.Equal(
            (1, 14, 1),
            (Count(restored, "created"), Count(restored, "unchanged"), Count(restored, "conflicts"))
        );
        Assert.NotNull(await FindAsync(world, "api/v1", "secrets/login"));
        Assert.Equal("debug", (await ReadAsync(world, "api/v1", "configmaps/settings")).FindText("data", "level"));

        var (forced, all) = await world.AskAsync(
            "restore",
            KubernetesWorld.Asset,
            "--to",
            "cluster:",
            "--force-conflicts"
        );
        Assert.True(forced == 0, all.ToString());
        Assert.Equal("info", (await ReadAsync(world, "api/v1", "configmaps/settings")).FindText("data", "level"));
        var after = await ReadAsync(world, "apis/apps/v1", "deployments/web");
        Assert.Equal(before.FindText("metadata", "uid"), after.FindText("metadata", "uid"));
    }

    [Fact(Timeout = 240_000)]
    public async Task Another_namespace_gets_the_objects()
    {
        using var world = await KubernetesWorld.CreateAsync(Token);
        await world.ApplyAsync(Objects);
        await world.RunAsync("backup", KubernetesWorld.Asset);
        var other = $"{world.Namespace}-b";
        var (exitCode, restored) = await world.AskAsync(
            "restore",
            KubernetesWorld.Asset,
            "--to",
            "cluster:real",
            "--cluster-uid",
            world.Server.Uid,
            "--map-namespace",
            $"{world.Namespace}={other}"
        );
        Assert.True(exitCode == 0, restored.ToString());
        using var api = await world.Server.ConnectAsync(Token);
        var binding = await api.GetAsync(
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{other}/rolebindings/web",
            Token
        );
        Assert.Equal(other, binding.Items("subjects").Single().FindText("namespace"));
        Assert.Contains(
            ".value speaks of the old namespace",
            restored.GetProperty("notes").ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 240_000)]
    public async Task A_cluster_that_is_not_the_one_gets_nothing()
    {
        using var world = await KubernetesWorld.CreateAsync(Token);
        await world.ApplyAsync(Objects);
        await world.RunAsync("backup", KubernetesWorld.Asset);
        string[] restore = ["restore", KubernetesWorld.Asset, "--to", "cluster:plugin"];

        var (unconfirmed, first) = await world.AskAsync(restore);
        Assert.Equal((22, "kubernetes-unconfirmed-refused"), (unconfirmed, CodeOf(first)));
        var (other, second) = await world.AskAsync([.. restore, "--cluster-uid", "another"]);
        Assert.Equal((22, "kubernetes-other-cluster-refused"), (other, CodeOf(second)));
        var (nobody, third) = await world.AskAsync(
            "restore",
            KubernetesWorld.Asset,
            "--to",
            "cluster:nobody",
            "--dry-run"
        );
        Assert.Equal((10, "kubernetes-auth-failed"), (nobody, CodeOf(third)));
        // The context whose credentials a plugin prints.
        Assert.Equal(0, (await world.TryRunAsync([.. restore, "--cluster-uid", world.Server.Uid])).ExitCode);
    }

    private static string? CodeOf(JsonElement document) =>
        document.GetProperty("error").GetProperty("code").GetString();

    private static int Count(JsonElement document, string what) =>
        document.GetProperty("objects").GetProperty(what).GetInt32();

    private static async Task<System.Text.Json.Nodes.JsonObject> ReadAsync(
        KubernetesWorld world,
        string api,
        string path
    ) => await FindAsync(world, api, path) ?? throw new InvalidOperationException($"there is no {path}");

    private static async Task<System.Text.Json.Nodes.JsonObject?> FindAsync(
        KubernetesWorld world,
        string api,
        string path
    )
    {
        using var connection = await world.Server.ConnectAsync(Token);
        return await connection.FindAsync($"/{api}/namespaces/{world.Namespace}/{path}", Token);
    }

    private static async Task DeleteAsync(KubernetesWorld world, string api, string path)
    {
        using var connection = await world.Server.ConnectAsync(Token);
        var answer = await connection.SendAsync(
            new Adapters.Kubernetes.Wire.ApiRequest(HttpMethod.Delete, $"/{api}/namespaces/{world.Namespace}/{path}"),
            Token
        );
        Assert.True(answer.IsGood, answer.Message);
    }
}
