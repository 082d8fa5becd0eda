using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.RealTests.Support;

/// <summary>A real API server, started by the first test that wants one; it ends with this process, however that ends.</summary>
internal sealed class KubernetesServer
{
    private static readonly Lazy<Task<KubernetesServer>> Shared = new(StartAsync);

    private readonly ScratchCluster _cluster;

    private KubernetesServer(ScratchCluster cluster, string folder, string uid) =>
        (_cluster, Kubeconfig, Uid) = (cluster, Path.Combine(folder, "kubeconfig.yaml"), uid);

    /// <summary>Folder with its programs.</summary>
    public static string Binaries => Path.Combine(Servers.Cache, "kubernetes");

    /// <summary>File by which it is reached, as context <c>real</c>.</summary>
    public string Kubeconfig { get; }

    public string Uid { get; }

    public string Token => _cluster.Context.Token ?? "";

    /// <summary>Skips the test where the server was not built; in CI that is a failure.</summary>
    public static async Task<KubernetesServer> RequireAsync()
    {
        if (!File.Exists(Path.Combine(Binaries, "kube-apiserver")))
        {
            const string message = "kube-apiserver is not here; run 'scripts/install tests'";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(message);
            Assert.Skip(message);
        }
        return await Shared.Value;
    }

    public async Task<ApiConnection> ConnectAsync(CancellationToken cancellationToken) =>
        await _cluster.ConnectAsync(cancellationToken);

    /// <summary>Applies objects as a person with kubectl does.</summary>
    public async Task ApplyAsync(string json, string manager, CancellationToken cancellationToken)
    {
        using var api = await ConnectAsync(cancellationToken);
        foreach (var each in (JsonArray)(JsonNode.Parse(json) ?? throw new ArgumentException(json, nameof(json))))
        {
            var item = (JsonObject)(each ?? throw new ArgumentException(json, nameof(json)));
            var types = await new ApiDiscovery(api).RunAsync(cancellationToken);
            var type = types.All.First(type =>
                type.ApiVersion == item.FindText("apiVersion") && type.Kind == item.FindText("kind")
            );
            var path = type.PathOf(item.FindText("metadata", "namespace"), item.FindText("metadata", "name"));
            var answer = await api.SendAsync(
                new ApiRequest(HttpMethod.Patch, $"{path}?fieldManager={manager}&force=true")
                {
                    Body = Encoding.UTF8.GetBytes(item.ToJsonString()),
                    BodyType = ApiRequest.ApplyType,
                },
                cancellationToken
            );
            Assert.True(answer.IsGood, $"{path}: {answer.Message}");
            if (type.Kind == "CustomResourceDefinition")
                await AwaitServedAsync(api, item, cancellationToken);
        }
    }

    private static async Task AwaitServedAsync(
        ApiConnection api,
        JsonObject definition,
        CancellationToken cancellationToken
    )
    {
        var kind = definition.FindText("spec", "names", "kind");
        await Eventually.HoldsAsync(
            () => $"{kind} is not served",
            async () => (await new ApiDiscovery(api).RunAsync(cancellationToken)).All.Any(type => type.Kind == kind),
            cancellationToken
        );
    }

    private static async Task<KubernetesServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("resurgam-kubernetes-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var binaries = await KubernetesBinaries.FindAsync(Binaries, TimeProvider.System, CancellationToken.None);
        Assert.NotNull(binaries);
        var cluster = await ScratchCluster.StartAsync(
            binaries,
            Path.Combine(folder, "cluster"),
            new Resurgam.Tests.Support.SeededEntropy(1),
            TimeProvider.System,
            CancellationToken.None
        );
        using var api = await cluster.ConnectAsync(CancellationToken.None);
        KubernetesServer server = new(cluster, folder, (await ClusterFacts.ReadAsync(api, CancellationToken.None)).Uid);
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(cluster.Context.CaText ?? ""));
        await File.WriteAllTextAsync(
            server.Kubeconfig,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: real
            contexts:
              - { name: real, context: { cluster: real, user: admin } }
              - { name: plugin, context: { cluster: real, user: plugin } }
              - { name: nobody, context: { cluster: real, user: nobody } }
            clusters:
              - { name: real, cluster: { server: "{{cluster.Context.Server}}", certificate-authority-data: {{authority}} } }
            users:
              - { name: admin, user: { token: {{cluster.Context.Token}} } }
              - name: plugin
                user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [{{cluster.Context.Token}}] } }
              - { name: nobody, user: { token: wrong } }

            """
        );
        var plugin = Path.Combine(folder, "plugin");
        await File.WriteAllTextAsync(
            plugin,
            """
            #!/bin/sh
            echo "$KUBERNETES_EXEC_INFO" | grep -q '"kind":"ExecCredential"' || exit 3
            echo "{ \"kind\": \"ExecCredential\", \"status\": { \"token\": \"$1\" } }"
            """
        );
        File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return server;
    }
}
