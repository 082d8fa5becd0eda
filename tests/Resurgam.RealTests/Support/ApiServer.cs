using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Support;

/// <summary>
/// A real API server of Kubernetes with an etcd of its own, on this machine's loopback. No controller runs beside it: what it
/// is given stays as it is, and namespaces are never emptied.
/// </summary>
internal sealed class ApiServer : IDisposable
{
    private static readonly Lazy<Task<ApiServer>> SharedServer = new(StartSharedAsync);

    private readonly string _folder;
    private readonly ScratchCluster _cluster;

    private ApiServer(string folder, ScratchCluster cluster, ApiConnection api) =>
        (_folder, _cluster, Api) = (folder, cluster, api);

    /// <summary>Folder with kube-apiserver and etcd.</summary>
    public static string Binaries => Path.Combine(Servers.Cache, "kubernetes");

    /// <summary>As a user who may do all.</summary>
    public ApiConnection Api { get; }

    public KubeContext Context => _cluster.Context;

    /// <summary>One for all tests that are content with namespaces of their own; it ends with this process.</summary>
    public static Task<ApiServer> ShareAsync(CancellationToken cancellationToken)
    {
        Require();
        return SharedServer.Value.WaitAsync(cancellationToken);
    }

    /// <summary>One of the test's own.</summary>
    public static async Task<ApiServer> StartAsync(CancellationToken cancellationToken)
    {
        Require();
        var folder = Directory.CreateTempSubdirectory("resurgam-kubernetes-").FullName;
        var binaries =
            await KubernetesBinaries.FindAsync(Binaries, TimeProvider.System, cancellationToken)
            ?? throw new InvalidOperationException($"{Binaries} was there a moment ago");
        var cluster = await ScratchCluster.StartAsync(
            binaries,
            Path.Combine(folder, "server"),
            new SeededEntropy(Environment.ProcessId),
            TimeProvider.System,
            cancellationToken
        );
        return new ApiServer(folder, cluster, await cluster.ConnectAsync(cancellationToken));
    }

    /// <summary>Skips the test where there is no server; in CI that is a failure.</summary>
    public static void Require()
    {
        if (!File.Exists(Path.Combine(Binaries, "kube-apiserver")))
            Servers.Absent("kube-apiserver is not here; run 'scripts/install tests'");
    }

    public async Task<string> UidAsync(CancellationToken cancellationToken) =>
        (await ClusterFacts.ReadAsync(Api, cancellationToken)).Uid;

    /// <summary>A kubeconfig file with context <c>test</c>, and <c>other</c> for another server.</summary>
    /// <param name="token">Null: of the user who may do all.</param>
    public void WriteKubeconfig(string path, string? token = null, ApiServer? other = null) =>
        File.WriteAllText(
            path,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
            - { name: test, context: { cluster: test, user: test } }
            - { name: other, context: { cluster: other, user: other } }
            clusters:
            - {{ClusterEntry("test", Context)}}
            - {{ClusterEntry("other", (other ?? this).Context)}}
            users:
            - { name: test, user: { token: {{token ?? Context.Token}} } }
            - { name: other, user: { token: {{(other ?? this).Context.Token}} } }

            """
        );

    /// <summary>Creates objects of a manifest, as kubectl would.</summary>
    public async Task CreateAsync(string manifest, CancellationToken cancellationToken)
    {
        foreach (var json in ManifestFile.Read(manifest, "the test's manifest"))
            await CreateAsync(json, cancellationToken);
    }

    /// <returns>The object as the server has it.</returns>
    public async Task<JsonObject> CreateAsync(JsonObject json, CancellationToken cancellationToken)
    {
        var key = ManifestFile.KeyOf(json, "the test's manifest");
        ResourceType? type = null;
        // The type of a definition is served a moment after it.
        await Eventually.HoldsAsync(
            () => $"{key} has no type",
            async () => (type = await FindTypeAsync(key, cancellationToken)) is not null,
            cancellationToken
        );
        ApiAnswer? answer = null;
        await Eventually.HoldsAsync(
            () => $"{key}: {answer?.Message}",
            async () =>
            {
                answer = await SendAsync(HttpMethod.Post, type!.PathOf(key.Namespace), json, cancellationToken);
                return answer.Status != ApiAnswer.NotFound;
            },
            cancellationToken
        );
        Assert.True(answer is { IsGood: true }, $"{key}: {answer?.Message}");
        return answer!.Json!;
    }

    /// <param name="typePath">Where objects like it are created.</param>
    public async Task CreateAsync(JsonObject json, string typePath, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, typePath, json, cancellationToken);
        Assert.True(answer.IsGood, $"{typePath}: {answer.Message}");
    }

    /// <returns>A token with which programs log in as a service account.</returns>
    public async Task<string> TokenOfAsync(string place, string account, CancellationToken cancellationToken)
    {
        JsonObject request = new()
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject(),
        };
        var path = $"/api/v1/namespaces/{place}/serviceaccounts/{account}/token";
        var answer = await SendAsync(HttpMethod.Post, path, request, cancellationToken);
        return answer.Json.FindText("status", "token") ?? throw new InvalidOperationException(answer.Message);
    }

    /// <summary>Changes an object as somebody else would, by a merge patch.</summary>
    public async Task PatchAsync(string path, string patch, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Patch, $"{path}?fieldManager=kubectl-edit")
        {
            Body = Encoding.UTF8.GetBytes(patch),
            BodyType = ApiRequest.MergeType,
        };
        var answer = await Api.SendAsync(request, cancellationToken);
        Assert.True(answer.IsGood, $"{path}: {answer.Message}");
    }

    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        // Nobody is there who would end pods or let go of what is protected.
        if ((await GetAsync(path, cancellationToken)).Find("metadata", "finalizers") is not null)
            await PatchAsync(path, """{ "metadata": { "finalizers": null } }""", cancellationToken);
        var answer = await SendAsync(
            HttpMethod.Delete,
            $"{path}?gracePeriodSeconds=0&propagationPolicy=Background",
            null,
            cancellationToken
        );
        Assert.True(answer.IsGood, $"{path}: {answer.Message}");
    }

    public Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken) =>
        Api.GetAsync(path, cancellationToken);

    public async Task<ApiAnswer> SendAsync(
        HttpMethod method,
        string path,
        JsonObject? json,
        CancellationToken cancellationToken
    )
    {
        var query = method == HttpMethod.Post ? $"{path}?fieldManager=kubectl-create" : path;
        ApiRequest request = new(method, query)
        {
            Body = json is null ? null : Encoding.UTF8.GetBytes(json.ToJsonString()),
        };
        return await Api.SendAsync(request, cancellationToken);
    }

    public void Dispose()
    {
        Api.Dispose();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string ClusterEntry(string name, KubeContext context) =>
        $$"""{ name: {{name}}, cluster: { server: "{{context.Server}}", certificate-authority-data: {{Convert.ToBase64String(
            Encoding.UTF8.GetBytes(context.CaText ?? "")
        )}} } }""";

    private static async Task<ApiServer> StartSharedAsync()
    {
        var server = await StartAsync(CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        return server;
    }

    private async Task<ResourceType?> FindTypeAsync(ObjectKey key, CancellationToken cancellationToken) =>
        (await new ApiDiscovery(Api).RunAsync(cancellationToken)).Find(key.Group, key.Version, key.Kind);
}
