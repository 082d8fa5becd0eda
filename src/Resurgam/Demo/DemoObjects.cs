using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Vaults;

namespace Resurgam.Demo;

/// <summary>The demo's own API server of Kubernetes, with the objects that a platform is run by. No node runs what they describe.</summary>
internal sealed class DemoObjects(string folder, KubernetesBinaries binaries, IEntropy entropy, TimeProvider time)
    : IDisposable
{
    public const string Namespace = "clinic";

    private const string Context = "demo";
    private const string Group = "clinic.example.com";
    private const string SystemNamespace = "/api/v1/namespaces/kube-system";
    private const int Wards = 20;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TypeLimit = TimeSpan.FromSeconds(30);

    private readonly SortedDictionary<string, string> _before = new(StringComparer.Ordinal);
    private ScratchCluster? _cluster;

    public string Kubeconfig => Path.Combine(folder, "kubeconfig");

    public string Binaries => Path.GetDirectoryName(binaries.ApiServer) ?? "/";

    public int Count => _before.Count;

    /// <summary>An empty one, with a uid of its own; the kubeconfig file leads to it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _cluster = await ScratchCluster.StartAsync(
            binaries,
            Path.Combine(folder, "cluster"),
            entropy,
            time,
            cancellationToken
        );
        var context = _cluster.Context;
        var ca = Convert.ToBase64String(Encoding.UTF8.GetBytes(context.CaText ?? ""));
        await DemoSecret.WriteAsync(
            Kubeconfig,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: {{Context}}
            contexts: [{ name: {{Context}}, context: { cluster: {{Context}}, user: {{Context}} } }]
            clusters: [{ name: {{Context}}, cluster: { server: "{{context.Server}}", certificate-authority-data: {{ca}} } }]
            users: [{ name: {{Context}}, user: { token: {{context.Token}} } }]

            """,
            cancellationToken
        );
    }

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        using var api = await ConnectAsync(cancellationToken);
        foreach (var (path, json) in DemoManifests.All(Namespace, Group, Wards))
        {
            await CreateAsync(api, path, json, cancellationToken);
            var one = $"{path}/{json.FindText("metadata", "name")}";
            _before[one] = await ReadAsync(api, one, cancellationToken) ?? "";
        }
    }

    /// <summary>The uid of the cluster that runs now.</summary>
    public async Task<string> GetUidAsync(CancellationToken cancellationToken)
    {
        using var api = await ConnectAsync(cancellationToken);
        return (await api.GetAsync(SystemNamespace, cancellationToken)).FindText("metadata", "uid") ?? "";
    }

    /// <summary>Both of its programs killed without warning, their files removed.</summary>
    public void Destroy()
    {
        _cluster?.Dispose();
        _cluster = null;
    }

    /// <summary>Objects that are there as they were.</summary>
    public async Task<int> CountIntactAsync(CancellationToken cancellationToken)
    {
        using var api = await ConnectAsync(cancellationToken);
        var intact = 0;
        foreach (var (path, before) in _before)
            if (await ReadAsync(api, path, cancellationToken) == before)
                intact++;
        return intact;
    }

    public void Dispose() => _cluster?.Dispose();

    private Task<ApiConnection> ConnectAsync(CancellationToken cancellationToken) =>
        (_cluster ?? throw DemoProblems.NotReady("an API server")).ConnectAsync(cancellationToken);

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
    /// <returns>Where each is created, in the order in which they need each other.</returns>
    public static IEnumerable<(string Path, JsonObject Json)> All(string @namespace, string group, int wards)
    {
        var core = $"/api/v1/namespaces/{@namespace}";
        var rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{@namespace}";
        var kinds = $"/apis/{group}/v1/namespaces/{@namespace}/wards";
        yield return (
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            Parse(
                $$"""
                { "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "wards.{{group}}" },
                  "spec": { "group": "{{group}}", "scope": "Namespaced", "names": { "kind": "Ward", "plural": "wards", "singular": "ward" },
                    "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } }
                """
            )
        );
        yield return (
            "/api/v1/namespaces",
            Parse($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{@namespace}}" } }""")
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
                        $"/apis/apps/v1/namespaces/{@namespace}/deployments",
                        """
                        { "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "api" } },
                          "template": { "metadata": { "labels": { "app": "api" } }, "spec": { "serviceAccountName": "api", "containers": [{ "name": "api", "image": "registry.example.com/api:1" }] } } } }
                        """
                    ),
                ]
        )
            yield return (path, Named(Parse(json), @namespace, "api"));
        for (var ward = 1; ward <= wards; ward++)
            yield return (
                kinds,
                Named(
                    Parse(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $$"""{ "apiVersion": "{{group}}/v1", "kind": "Ward", "beds": {{10 + ward}} }"""
                        )
                    ),
                    @namespace,
                    string.Create(CultureInfo.InvariantCulture, $"ward-{ward}")
                )
            );
    }

    private static JsonObject Named(JsonObject json, string @namespace, string name)
    {
        json["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace };
        return json;
    }

    private static JsonObject Parse(string json) => (JsonObject)(JsonNode.Parse(json) ?? new JsonObject());
}
