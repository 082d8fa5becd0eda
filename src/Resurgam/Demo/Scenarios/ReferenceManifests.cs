using System.Text.Json.Nodes;

namespace Resurgam.Demo.Scenarios;

/// <summary>The objects of the reference plan's cluster, small: what each service's workers are run by, and what reconciles them.</summary>
internal static class ReferenceManifests
{
    public const string Namespace = "healthcare-gitops";

    /// <summary>Of each workload, as the repository has it.</summary>
    public const int Replicas = 2;

    public const string Deployments = $"/apis/apps/v1/namespaces/{Namespace}/deployments";
    public const string Pods = $"/api/v1/namespaces/{Namespace}/pods";
    public const string Reconciler = $"{Reconcilers}/platform";

    /// <summary>Of the plan's step, which no manifest has.</summary>
    public const string Quarantine = $"{Policies}/resurgam-quarantine";

    private const string ReconcilerGroup = "kustomize.toolkit.fluxcd.io";
    private const string Reconcilers = $"/apis/{ReconcilerGroup}/v1/namespaces/{Namespace}/kustomizations";
    private const string Policies = $"/apis/networking.k8s.io/v1/namespaces/{Namespace}/networkpolicies";

    private static readonly IReadOnlyList<string> Services =
    [
        "auth-service",
        "payment-gateway",
        "phi-service",
        "medical-device",
        "synthetic-phi-service",
    ];

    /// <returns>Where each is created, in the order in which they need each other.</returns>
    public static IEnumerable<(string Path, JsonObject Json)> All() =>
        [
            (
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                Parse(
                    $$"""
                    { "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "kustomizations.{{ReconcilerGroup}}" },
                      "spec": { "group": "{{ReconcilerGroup}}", "scope": "Namespaced", "names": { "kind": "Kustomization", "plural": "kustomizations", "singular": "kustomization" },
                        "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } }
                    """
                )
            ),
            (
                "/api/v1/namespaces",
                Parse($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{Namespace}}" } }""")
            ),
            (
                $"/api/v1/namespaces/{Namespace}/secrets",
                Named(
                    "database",
                    """{ "apiVersion": "v1", "kind": "Secret", "stringData": { "password": "demo only" } }"""
                )
            ),
            (
                $"/api/v1/namespaces/{Namespace}/configmaps",
                Named("platform", """{ "apiVersion": "v1", "kind": "ConfigMap", "data": { "approvals": "2" } }""")
            ),
            (
                Policies,
                Named(
                    "workers",
                    """{ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": { "podSelector": { "matchLabels": { "tier": "worker" } }, "policyTypes": ["Ingress"] } }"""
                )
            ),
            .. Services.SelectMany(OfService),
            (
                Reconcilers,
                Named(
                    "platform",
                    $$"""{ "apiVersion": "{{ReconcilerGroup}}/v1", "kind": "Kustomization", "spec": { "interval": "1m", "path": "./platform", "prune": false } }"""
                )
            ),
        ];

    private static IEnumerable<(string, JsonObject)> OfService(string name) =>
        [
            (
                $"/api/v1/namespaces/{Namespace}/services",
                Named(
                    name,
                    $$"""{ "apiVersion": "v1", "kind": "Service", "spec": { "selector": { "app": "{{name}}" }, "ports": [{ "port": 443 }] } }"""
                )
            ),
            (
                Deployments,
                Named(
                    name,
                    $$"""
                    { "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "replicas": {{Replicas}}, "selector": { "matchLabels": { "app": "{{name}}" } },
                      "template": { "metadata": { "labels": { "app": "{{name}}", "tier": "worker" } }, "spec": { "containers": [{ "name": "worker", "image": "registry.example.com/{{name}}:1",
                        "envFrom": [{ "secretRef": { "name": "database" } }, { "configMapRef": { "name": "platform" } }] }] } } } }
                    """
                )
            ),
        ];

    private static JsonObject Named(string name, string text) => DemoManifests.Named(Parse(text), Namespace, name);

    private static JsonObject Parse(string text) => DemoManifests.Parse(text);
}
