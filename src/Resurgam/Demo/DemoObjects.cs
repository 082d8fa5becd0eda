using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Demo;

/// <summary>The objects that a platform of the demo is run by, as they were made.</summary>
/// <param name="manifests">Where each is created, in the order in which they need each other.</param>
internal sealed class DemoObjects(IEnumerable<(string Path, JsonObject Json)> manifests, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TypeLimit = TimeSpan.FromSeconds(30);

    private readonly SortedDictionary<string, string> _before = new(StringComparer.Ordinal);

    public int Count => _before.Count;

    public async Task FillAsync(DemoApiServer server, CancellationToken cancellationToken)
    {
        using var api = await server.ConnectAsync(cancellationToken);
        foreach (var (path, json) in manifests)
        {
            await CreateAsync(api, path, json, cancellationToken);
            var one = $"{path}/{json.FindText("metadata", "name")}";
            _before[one] = await ReadAsync(api, one, cancellationToken) ?? "";
        }
    }

    /// <summary>Objects that are there as they were.</summary>
    public async Task<int> CountIntactAsync(DemoApiServer server, CancellationToken cancellationToken)
    {
        using var api = await server.ConnectAsync(cancellationToken);
        var intact = 0;
        foreach (var (path, before) in _before)
            if (await ReadAsync(api, path, cancellationToken) == before)
                intact++;
        return intact;
    }

    /// <summary>The type of a definition is there a moment after it.</summary>
    private async Task CreateAsync(ApiConnection api, string path, JsonObject json, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Post, $"{path}?fieldManager=demo")
        {
            Body = Encoding.UTF8.GetBytes(json.ToJsonString()),
        };
        var began = time.GetTimestamp();
        ApiAnswer answer;
        while ((answer = await api.SendAsync(request, cancellationToken)).Status == ApiAnswer.NotFound)
        {
            if (time.GetElapsedTime(began) > TypeLimit)
                break;
            await Task.Delay(Poll, time, cancellationToken);
        }
        if (!answer.IsGood)
            throw api.Refusal(path, answer);
    }

    /// <returns>What is to come back of it; null when it is not there.</returns>
    private static async Task<string?> ReadAsync(ApiConnection api, string path, CancellationToken cancellationToken) =>
        await api.FindAsync(path, cancellationToken) is { } json
            ? Encoding.UTF8.GetString(CanonicalJson.Write(ServerFields.Strip(json)))
            : null;
}

/// <summary>What the demo's platform is run by.</summary>
internal static class DemoManifests
{
    public const string Namespace = "clinic";

    private const string Group = "clinic.example.com";
    private const int Wards = 20;

    /// <returns>Where each is created, in the order in which they need each other.</returns>
    public static IEnumerable<(string Path, JsonObject Json)> All()
    {
        var core = $"/api/v1/namespaces/{Namespace}";
        var rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}";
        var kinds = $"/apis/{Group}/v1/namespaces/{Namespace}/wards";
        yield return (
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            Parse(
                $$"""
                { "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "wards.{{Group}}" },
                  "spec": { "group": "{{Group}}", "scope": "Namespaced", "names": { "kind": "Ward", "plural": "wards", "singular": "ward" },
                    "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } }
                """
            )
        );
        yield return (
            "/api/v1/namespaces",
            Parse($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{Namespace}}" } }""")
        );
        foreach (
            var (path, json) in (IReadOnlyList<(string, string)>)
                [
                    ($"{core}/serviceaccounts", """{ "apiVersion": "v1", "kind": "ServiceAccount" }"""),
                    (
                        $"{core}/secrets",
                        """{ "apiVersion": "v1", "kind": "Secret", "stringData": { "password": "demo only" } }"""
                    ),
                    (
                        $"{core}/configmaps",
                        """{ "apiVersion": "v1", "kind": "ConfigMap", "data": { "mode": "care" } }"""
                    ),
                    (
                        $"{core}/services",
                        """{ "apiVersion": "v1", "kind": "Service", "spec": { "selector": { "app": "api" }, "ports": [{ "port": 443 }] } }"""
                    ),
                    (
                        $"{rbac}/roles",
                        """{ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"] }] }"""
                    ),
                    (
                        $"{rbac}/rolebindings",
                        """{ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "api" }, "subjects": [{ "kind": "ServiceAccount", "name": "api" }] }"""
                    ),
                    (
                        $"/apis/apps/v1/namespaces/{Namespace}/deployments",
                        """
                        { "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "api" } },
                          "template": { "metadata": { "labels": { "app": "api" } }, "spec": { "serviceAccountName": "api", "containers": [{ "name": "api", "image": "registry.example.com/api:1" }] } } } }
                        """
                    ),
                ]
        )
            yield return (path, Named(Parse(json), Namespace, "api"));
        for (var ward = 1; ward <= Wards; ward++)
            yield return (
                kinds,
                Named(
                    Parse(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $$"""{ "apiVersion": "{{Group}}/v1", "kind": "Ward", "beds": {{10 + ward}} }"""
                        )
                    ),
                    Namespace,
                    string.Create(CultureInfo.InvariantCulture, $"ward-{ward}")
                )
            );
    }

    public static JsonObject Named(JsonObject json, string @namespace, string name)
    {
        json["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace };
        return json;
    }

    public static JsonObject Parse(string json) => (JsonObject)(JsonNode.Parse(json) ?? new JsonObject());
}
