using System.Globalization;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

internal static class KubernetesRows
{
    public static void Write(TextWriter text, Asset.Kubernetes cluster)
    {
        text.WriteRow("kubeconfig", cluster.Kubeconfig ?? "as kubectl finds it");
        text.WriteRow("context", cluster.Context ?? "the current one");
        text.WriteRow("cluster", cluster.ClusterUid ?? "any: a restore must be told with --cluster-uid");
        text.WriteRow(
            "namespaces",
            cluster.Namespaces.Count == 0 ? "all but Kubernetes' own" : string.Join(", ", cluster.Namespaces)
        );
        if (cluster.Selector is { } selector)
            text.WriteRow("selector", selector);
        text.WriteRow("wide", cluster.IsClusterWide ? "all objects of the cluster" : "what the namespaces need");
        if (cluster.RevokedBefore is { } revoked)
            text.WriteRow("revoked", string.Create(CultureInfo.InvariantCulture, $"before {revoked.UtcDateTime:u}"));
        text.WriteRow("binaries", cluster.Binaries ?? "found in PATH");
    }
}
