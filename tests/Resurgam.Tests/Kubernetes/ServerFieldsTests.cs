using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Tests.Kubernetes;

public sealed class ServerFieldsTests
{
    [Theory]
    [InlineData(
        """{ "kind": "Deployment", "apiVersion": "apps/v1", "metadata": { "name": "a", "uid": "u", "resourceVersion": "1", "annotations": { "deployment.kubernetes.io/revision": "3" }, "finalizers": ["orphan"] }, "status": { "replicas": 1 } }""",
        """{ "kind": "Deployment", "apiVersion": "apps/v1", "metadata": { "name": "a" } }"""
    )]
    [InlineData(
        """{ "kind": "Service", "apiVersion": "v1", "spec": { "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{ "port": 80, "nodePort": 30001 }] } }""",
        """{ "kind": "Service", "apiVersion": "v1", "spec": { "ports": [{ "port": 80 }] } }"""
    )]
    [InlineData(
        """{ "kind": "Service", "apiVersion": "v1", "spec": { "clusterIP": "None" } }""",
        """{ "kind": "Service", "apiVersion": "v1", "spec": { "clusterIP": "None" } }"""
    )]
    [InlineData(
        """{ "kind": "Service", "apiVersion": "v1", "metadata": { "managedFields": [{ "fieldsV1": { "f:spec": { "f:ports": { "k:{}": { "f:nodePort": {} } } } } }] }, "spec": { "ports": [{ "nodePort": 30001 }] } }""",
        """{ "kind": "Service", "apiVersion": "v1", "spec": { "ports": [{ "nodePort": 30001 }] } }"""
    )]
    [InlineData(
        """{ "kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": { "annotations": { "pv.kubernetes.io/bound-by-controller": "yes", "mine": "1" } }, "spec": { "volumeName": "pvc-1" } }""",
        """{ "kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": { "annotations": { "mine": "1" } } }"""
    )]
    [InlineData(
        """{ "kind": "PersistentVolumeClaim", "apiVersion": "v1", "spec": { "volumeName": "chosen" } }""",
        """{ "kind": "PersistentVolumeClaim", "apiVersion": "v1", "spec": { "volumeName": "chosen" } }"""
    )]
    [InlineData(
        """{ "kind": "ServiceAccount", "apiVersion": "v1", "metadata": { "name": "web" }, "secrets": [{ "name": "web-token-x2kfp" }] }""",
        """{ "kind": "ServiceAccount", "apiVersion": "v1", "metadata": { "name": "web" } }"""
    )]
    [InlineData(
        """{ "kind": "Secret", "apiVersion": "v1", "type": "kubernetes.io/service-account-token", "data": { "token": "x" } }""",
        """{ "kind": "Secret", "apiVersion": "v1", "type": "kubernetes.io/service-account-token" }"""
    )]
    [InlineData(
        """{ "kind": "Job", "apiVersion": "batch/v1", "spec": { "selector": { "matchLabels": { "controller-uid": "u" } }, "template": { "metadata": { "labels": { "controller-uid": "u", "job-name": "j", "app": "a" } } } } }""",
        """{ "kind": "Job", "apiVersion": "batch/v1", "spec": { "template": { "metadata": { "labels": { "app": "a" } } } } }"""
    )]
    [InlineData(
        """{ "kind": "Pod", "apiVersion": "v1", "spec": { "nodeName": "n", "volumes": [{ "name": "kube-api-access-1" }], "containers": [{ "name": "c", "volumeMounts": [{ "name": "kube-api-access-1" }, { "name": "mine" }] }] } }""",
        """{ "kind": "Pod", "apiVersion": "v1", "spec": { "containers": [{ "name": "c", "volumeMounts": [{ "name": "mine" }] }] } }"""
    )]
    [InlineData(
        """{ "kind": "Secret", "apiVersion": "v1", "metadata": { "ownerReferences": [{ "kind": "Queue", "name": "q", "uid": "u" }] } }""",
        """{ "kind": "Secret", "apiVersion": "v1", "metadata": { "ownerReferences": [{ "kind": "Queue", "name": "q" }] } }"""
    )]
    public void What_the_server_owns_goes_and_the_rest_stays(string before, string after) =>
        Assert.Equal(Text(Parse(after)), Text(ServerFields.Strip(Parse(before))));

    [Fact]
    public void Stripping_twice_is_stripping_once()
    {
        var once = ServerFields.Strip(
            Parse(
                """{ "kind": "Namespace", "apiVersion": "v1", "metadata": { "name": "a", "uid": "u" }, "spec": { "finalizers": ["kubernetes"] } }"""
            )
        );
        Assert.Equal(Text(once), Text(ServerFields.Strip(Parse(Text(once)))));
    }

    [Theory]
    [InlineData("clef 𝄞 and 😀", "clef 𝄞 and 😀")]
    [InlineData("no pair: \\uD834\\uDD1E", "no pair: \\\\uD834\\\\uDD1E")]
    [InlineData("\u2028\"\\", "\\u2028\\\"\\\\")]
    public void Canonical_text_has_no_escapes_that_YAML_does_not_know(string text, string written)
    {
        var json = Text(new JsonObject { ["a"] = text });
        Assert.Equal($"{{\n  \"a\": \"{written}\"\n}}\n", json);
        Assert.Equal(text, JsonNode.Parse(json).FindText("a"));
    }

    [Fact]
    public void Canonical_text_depends_on_content_alone() =>
        Assert.Equal(
            "{\n  \"a\": {\n    \"x\": {},\n    \"y\": null\n  },\n  \"b\": [\n    1.50,\n    \"ü<\"\n  ]\n}\n",
            Text(Parse("""{"b":[1.50,"ü<"],"a":{"y":null,"x":{}}}"""))
        );

    [Theory]
    [InlineData(
        "batch",
        "Job",
        """{ "status": { "conditions": [{ "type": "Complete", "status": "True" }] } }""",
        "finished: restoring it would run it again"
    )]
    [InlineData("batch", "Job", """{ "status": { "active": 1 } }""", null)]
    [InlineData(
        "",
        "Secret",
        """{ "type": "kubernetes.io/service-account-token", "metadata": { "name": "web-token-x2kfp", "annotations": { "kubernetes.io/service-account.name": "web" } } }""",
        "a token that the cluster makes for a service account"
    )]
    [InlineData(
        "",
        "Secret",
        """{ "type": "kubernetes.io/service-account-token", "metadata": { "name": "ci", "annotations": { "kubernetes.io/service-account.name": "web" } } }""",
        null
    )]
    [InlineData("", "Secret", """{ "metadata": { "ownerReferences": [{ "controller": true }] } }""", null)]
    [InlineData(
        "apps",
        "ReplicaSet",
        """{ "metadata": { "ownerReferences": [{ "controller": true }] } }""",
        "made by the controller of its owner"
    )]
    [InlineData("apps", "ReplicaSet", """{ "metadata": { "ownerReferences": [{ "controller": false }] } }""", null)]
    [InlineData(
        "",
        "ConfigMap",
        """{ "metadata": { "name": "kube-root-ca.crt" } }""",
        "made by a controller in every namespace"
    )]
    [InlineData(
        "",
        "PersistentVolume",
        """{ "metadata": { "annotations": { "pv.kubernetes.io/provisioned-by": "csi" } } }""",
        "made by a provisioner for its claim"
    )]
    [InlineData(
        "rbac.authorization.k8s.io",
        "ClusterRole",
        """{ "metadata": { "labels": { "kubernetes.io/bootstrapping": "rbac-defaults" } } }""",
        "made by the API server itself"
    )]
    public void What_a_cluster_makes_itself_is_left_out(string group, string kind, string json, string? reason) =>
        Assert.Equal(
            reason,
            LeftOut.ReasonFor(new ResourceType(group, "v1", "x", kind, IsNamespaced: true), Parse(json))
        );

    [Theory]
    [InlineData("", "v1", "Secret", "shop", "login", "kubernetes/core/v1/Secret/shop/login.json")]
    [InlineData(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRole",
        null,
        "system:x",
        "kubernetes/rbac.authorization.k8s.io/v1/ClusterRole/_cluster/system:x.json"
    )]
    public void A_path_leads_back_to_its_object(
        string group,
        string version,
        string kind,
        string? place,
        string name,
        string path
    )
    {
        ObjectKey key = new(group, version, kind, place, name);
        Assert.Equal(path, key.Path);
        Assert.Equal(key, ObjectKey.FromPath(path));
    }

    private static JsonObject Parse(string json) =>
        (JsonObject)(JsonNode.Parse(json) ?? throw new InvalidOperationException(json));

    private static string Text(JsonObject json) => Encoding.UTF8.GetString(CanonicalJson.Write(json));
}
