using System.Text;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Vaults;

namespace Resurgam.Demo;

/// <summary>An API server of Kubernetes of the demo's own. No node runs what its objects describe.</summary>
/// <param name="folder">Its own; gone when it ends.</param>
/// <param name="kubeconfig">The file that leads to it, written when it starts.</param>
/// <param name="context">As the plan calls it.</param>
internal sealed class DemoApiServer(
    string folder,
    string kubeconfig,
    string context,
    KubernetesBinaries binaries,
    IEntropy entropy,
    TimeProvider time
) : IDisposable
{
    /// <summary>What there is to say where it cannot be started.</summary>
    public const string Missing = "kube-apiserver and etcd are not in PATH; scripts/kube-apiserver builds them here";

    private const string SystemNamespace = "/api/v1/namespaces/kube-system";

    private ScratchCluster? _cluster;

    public string Kubeconfig => kubeconfig;

    /// <summary>Of its programs.</summary>
    public string Binaries => Path.GetDirectoryName(binaries.ApiServer) ?? "/";

    /// <summary>An empty one, with a uid of its own.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _cluster = await ScratchCluster.StartAsync(binaries, folder, entropy, time, cancellationToken);
        var ca = Convert.ToBase64String(Encoding.UTF8.GetBytes(_cluster.Context.CaText ?? ""));
        await DemoSecret.WriteAsync(
            kubeconfig,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: {{context}}
            contexts: [{ name: {{context}}, context: { cluster: {{context}}, user: {{context}} } }]
            clusters: [{ name: {{context}}, cluster: { server: "{{_cluster.Context.Server}}", certificate-authority-data: {{ca}} } }]
            users: [{ name: {{context}}, user: { token: {{_cluster.Context.Token}} } }]

            """,
            cancellationToken
        );
    }

    public Task<ApiConnection> ConnectAsync(CancellationToken cancellationToken) =>
        (_cluster ?? throw DemoProblems.NotReady("an API server")).ConnectAsync(cancellationToken);

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

    public void Dispose() => Destroy();
}
