using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>What a cluster says of itself.</summary>
/// <param name="Uid">Of the namespace <c>kube-system</c>, which lives as long as the cluster.</param>
/// <param name="Version"><c>v1.32.4</c></param>
internal sealed record ClusterFacts(string Uid, string Version)
{
    private const string UidPath = "/api/v1/namespaces/kube-system";

    public static async Task<ClusterFacts> ReadAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        var version = await api.GetAsync("/version", cancellationToken);
        var system = await api.GetAsync(UidPath, cancellationToken);
        var uid =
            system.FindText("metadata", "uid")
            ?? throw KubernetesProblems.Unexpected(api.Server, UidPath, "there is no uid in it");
        return new ClusterFacts(uid, version.FindText("gitVersion") ?? "unknown");
    }
}
