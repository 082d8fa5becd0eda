using System.Net;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Kubernetes;

public sealed class KubernetesCaptureTests
{
    private readonly KubernetesWorld _world = new(TestContext.Current.CancellationToken);

    private KubernetesDouble Cluster => _world.Cluster;

    [Fact]
    public async Task An_object_is_a_file_without_what_the_server_owns()
    {
        Fill();
        var result = await _world.CaptureAsync();

        Assert.Empty(result.Findings);
        var files = await _world.ReadAsync();
        Assert.Equal(
            """
            {
              "apiVersion": "v1",
              "data": {
                "password": "aHVudGVyMg=="
              },
              "kind": "Secret",
              "metadata": {
                "name": "login",
                "namespace": "shop"
              },
              "type": "Opaque"
            }

            """,
            files["kubernetes/core/v1/Secret/shop/login.json"]
        );
        Assert.DoesNotContain("clusterIP", files["kubernetes/core/v1/Service/shop/web.json"], StringComparison.Ordinal);
        Assert.DoesNotContain(files.Keys, path => path.Contains("kube-system", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_owner_makes_again_is_left_out_and_told()
    {
        Fill();
        Cluster.Put(
            "apps/v1",
            "ReplicaSet",
            "shop",
            "web-1",
            """{ "metadata": { "ownerReferences": [{ "kind": "Deployment", "name": "web", "apiVersion": "apps/v1", "uid": "x", "controller": true }] } }"""
        );
        await _world.CaptureAsync();
        var record = await _world.ReadRecordAsync();
        var row = Assert.Single(record.LeftOut, each => each.Type == "replicasets.apps");
        Assert.Equal((1, "made by the controller of its owner"), (row.Objects, row.Reason));
        Assert.DoesNotContain(
            await _world.ReadAsync(),
            file => file.Key.Contains("ReplicaSet", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task All_lists_show_one_moment()
    {
        Fill();
        Cluster.Before = (_, path) =>
        {
            // Deployments come after the Secrets: whoever lists them as they are now sees what came in between.
            if (path.Contains("/deployments?", StringComparison.Ordinal))
                Cluster.Put("apps/v1", "Deployment", "shop", "late", "{}");
        };
        await _world.CaptureAsync();
        Assert.DoesNotContain("kubernetes/apps/v1/Deployment/shop/late.json", (await _world.ReadAsync()).Keys);
        Assert.All((await _world.ReadRecordAsync()).Types, type => Assert.Null(type.ResourceVersion));
    }

    [Fact]
    public async Task A_moment_that_is_gone_gives_a_list_of_another_one_and_says_so()
    {
        Fill();
        var isDone = false;
        Cluster.Before = (_, path) =>
        {
            if (isDone || !path.Contains("/deployments?", StringComparison.Ordinal))
                return;
            isDone = true;
            Cluster.Put("apps/v1", "Deployment", "shop", "late", "{}");
            Cluster.Compact();
        };
        var result = await _world.CaptureAsync();
        Assert.Contains("kubernetes/apps/v1/Deployment/shop/late.json", (await _world.ReadAsync()).Keys);
        Assert.Contains(result.Notes, note => note.Contains("of another moment", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_expires_between_its_pages_begins_again()
    {
        for (var i = 0; i < 7; i++)
            Cluster.Put("v1", "ConfigMap", "default", $"config-{i}", "{}");
        var pages = 0;
        Cluster.Before = (_, path) =>
        {
            if (
                !path.Contains("/configmaps?", StringComparison.Ordinal)
                || !path.Contains("continue", StringComparison.Ordinal)
            )
                return;
            pages++;
            if (pages > 2)
                return;
            Cluster.Delete("/api/v1/namespaces/default/configmaps/config-0");
            Cluster.Put("v1", "ConfigMap", "default", "config-0", "{}");
            Cluster.Compact();
        };
        await _world.CaptureAsync();
        var names = (await _world.ReadAsync()).Keys.Where(path =>
            path.Contains("/ConfigMap/", StringComparison.Ordinal)
        );
        Assert.Equal(7, names.Count());
    }

    [Fact]
    public async Task A_list_whose_moment_always_goes_comes_in_one_piece()
    {
        for (var i = 0; i < 5; i++)
            Cluster.Put("v1", "ConfigMap", "default", $"config-{i}", "{}");
        Cluster.Before = (_, path) =>
        {
            if (!path.Contains("continue", StringComparison.Ordinal))
                return;
            Cluster.Put("v1", "ConfigMap", "default", "config-0", "{}");
            Cluster.Compact();
        };
        await _world.CaptureAsync();
        Assert.Equal(
            5,
            (await _world.ReadAsync()).Keys.Count(path => path.Contains("/ConfigMap/", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task A_group_that_does_not_answer_and_a_type_that_is_denied_are_findings()
    {
        Fill();
        Cluster.Broken.Add("queues.example.com");
        Cluster.Denied.Add("/api/v1/secrets");
        var result = await _world.CaptureAsync();
        Assert.Contains(
            result.Findings,
            finding => finding.Contains("queues.example.com/v1", StringComparison.Ordinal)
        );
        Assert.Contains(
            result.Findings,
            finding => finding.StartsWith("secrets are not in the snapshot", StringComparison.Ordinal)
        );
        Assert.Equal(result.Findings, (await _world.ReadRecordAsync()).Findings);
    }

    [Fact]
    public async Task Chosen_namespaces_bring_what_they_need_of_the_whole_cluster_and_no_more()
    {
        Fill();
        Cluster.Put("v1", "Namespace", null, "other", "{}");
        Cluster.Put("v1", "Secret", "other", "foreign", "{}");
        Cluster.Put("storage.k8s.io/v1", "StorageClass", null, "fast", """{ "provisioner": "x" }""");
        Cluster.Put("storage.k8s.io/v1", "StorageClass", null, "unused", """{ "provisioner": "x" }""");
        Cluster.Put("v1", "PersistentVolumeClaim", "shop", "db", """{ "spec": { "storageClassName": "fast" } }""");
        Cluster.Put("rbac.authorization.k8s.io/v1", "ClusterRole", null, "reader", "{}");
        Cluster.Put("rbac.authorization.k8s.io/v1", "ClusterRole", null, "unread", "{}");
        Cluster.Put(
            "rbac.authorization.k8s.io/v1",
            "ClusterRoleBinding",
            null,
            "shop-reads",
            """{ "roleRef": { "kind": "ClusterRole", "name": "reader" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }] }"""
        );
        await _world.CaptureAsync(KubernetesWorld.Source with { Namespaces = ["sh*"] });

        var paths = (await _world.ReadAsync())
            .Keys.Where(path => path.EndsWith(".json", StringComparison.Ordinal))
            .ToList();
        Assert.Contains("kubernetes/storage.k8s.io/v1/StorageClass/_cluster/fast.json", paths);
        Assert.Contains("kubernetes/rbac.authorization.k8s.io/v1/ClusterRole/_cluster/reader.json", paths);
        Assert.Contains("kubernetes/rbac.authorization.k8s.io/v1/ClusterRoleBinding/_cluster/shop-reads.json", paths);
        Assert.Contains("kubernetes/core/v1/Namespace/_cluster/shop.json", paths);
        Assert.DoesNotContain(
            paths,
            path =>
                path.Contains("unused", StringComparison.Ordinal) || path.Contains("unread", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(paths, path => path.Contains("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_namespace_that_is_not_there_is_a_finding()
    {
        Fill();
        var result = await _world.CaptureAsync(KubernetesWorld.Source with { Namespaces = ["shop", "shpo"] });
        Assert.Equal(["there is no namespace shpo"], result.Findings);
    }

    [Fact]
    public async Task Another_cluster_is_refused()
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            _world.CaptureAsync(KubernetesWorld.Source with { ClusterUid = "another" })
        );
        Assert.Equal("kubernetes-other-cluster-refused", failure.Problem.Code);
    }

    [Fact]
    public async Task A_server_that_throttles_or_stumbles_is_asked_again()
    {
        Fill();
        Cluster.Faults.Enqueue((HttpStatusCode.TooManyRequests, "2"));
        Cluster.Faults.Enqueue((HttpStatusCode.TooManyRequests, null));
        Cluster.Faults.Enqueue((HttpStatusCode.InternalServerError, null));
        Assert.Empty((await _world.CaptureAsync()).Findings);
    }

    [Fact]
    public async Task The_second_snapshot_of_the_same_objects_stores_only_its_own_record()
    {
        Fill();
        await _world.CaptureAsync();
        var second = await _world.CaptureAsync();
        Assert.InRange(second.BytesNew, 0, (await _world.ReadAsync())["resurgam/snapshot.json"].Length);
    }

    [Fact]
    public async Task Sealed_secrets_bring_the_keys_of_their_controller()
    {
        Fill();
        DefineSealedSecrets();
        Cluster.Put("bitnami.com/v1alpha1", "SealedSecret", "shop", "login", "{}");
        var without = await _world.CaptureAsync(KubernetesWorld.Source with { Namespaces = ["shop"] });
        Assert.Contains(
            without.Findings,
            finding => finding.Contains("1 SealedSecrets and no key", StringComparison.Ordinal)
        );

        Cluster.Put(
            "v1",
            "Secret",
            "kube-system",
            "sealed-secrets-key",
            """{ "metadata": { "labels": { "sealedsecrets.bitnami.com/sealed-secrets-key": "active" } }, "data": {} }"""
        );
        var with = await _world.CaptureAsync(KubernetesWorld.Source with { Namespaces = ["shop"] });
        Assert.Empty(with.Findings);
        Assert.Equal(["kube-system/sealed-secrets-key"], (await _world.ReadRecordAsync()).SealingKeys);
        Assert.Contains(
            "kubernetes/core/v1/Secret/kube-system/sealed-secrets-key.json",
            (await _world.ReadAsync()).Keys
        );
    }

    private void DefineSealedSecrets() =>
        Cluster.Put(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            null,
            "sealedsecrets.bitnami.com",
            """{ "spec": { "group": "bitnami.com", "scope": "Namespaced", "names": { "plural": "sealedsecrets", "kind": "SealedSecret" }, "versions": [{ "name": "v1alpha1", "served": true }] } }"""
        );

    private void Fill()
    {
        Cluster.Put("v1", "Namespace", null, "shop", "{}");
        Cluster.Put(
            "v1",
            "Secret",
            "shop",
            "login",
            """{ "type": "Opaque", "data": { "password": "aHVudGVyMg==" } }"""
        );
        Cluster.Put("v1", "Service", "shop", "web", """{ "spec": { "ports": [{ "port": 80 }] } }""");
        Cluster.Put(
            "apps/v1",
            "Deployment",
            "shop",
            "web",
            """{ "spec": { "replicas": 3 }, "status": { "replicas": 2 } }"""
        );
        Cluster.Put("v1", "Event", "shop", "started", "{}");
    }
}
