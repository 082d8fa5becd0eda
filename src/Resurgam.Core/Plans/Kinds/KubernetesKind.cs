using System.Globalization;
using System.Text.Json;
using Resurgam.Core.Plans.Yaml;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes the objects of a cluster.</summary>
internal static class KubernetesKind
{
    private const string TimeForm = "yyyy-MM-ddTHH:mm:ssK";

    public static readonly AssetKind Kind = AssetKind.Of(
        Asset.Kubernetes.KindName,
        [KubernetesKeys.Section],
        Read,
        Write
    );

    public static PlanType<DateTimeOffset?> TimeType => new("time, with its zone", null, ReadTime);

    private static Asset.Kubernetes Read(AssetId id, PlanMapping keys)
    {
        var namespaces = keys.Get(KubernetesKeys.Namespaces);
        return new Asset.Kubernetes
        {
            Id = id,
            Kubeconfig = keys.Get(KubernetesKeys.Kubeconfig),
            Context = keys.Get(KubernetesKeys.Context),
            ClusterUid = keys.Get(KubernetesKeys.ClusterUid),
            Namespaces = namespaces,
            Selector = keys.Get(KubernetesKeys.Selector),
            IsClusterWide = keys.Get(KubernetesKeys.ClusterWide) ?? namespaces.Count == 0,
            RevokedBefore = keys.Get(KubernetesKeys.RevokedBefore),
            Binaries = keys.Get(KubernetesKeys.Binaries),
        };
    }

    private static void Write(Utf8JsonWriter json, Asset.Kubernetes cluster)
    {
        json.WriteText("kubeconfig", cluster.Kubeconfig);
        json.WriteText("context", cluster.Context);
        json.WriteText("clusterUid", cluster.ClusterUid);
        json.WriteTexts("namespaces", cluster.Namespaces);
        json.WriteText("selector", cluster.Selector);
        json.WriteBoolean("clusterWide", cluster.IsClusterWide);
        if (cluster.RevokedBefore is { } revoked)
            json.WriteString("revokedBefore", revoked.UtcDateTime);
        json.WriteText("binaries", cluster.Binaries);
    }

    private static DateTimeOffset? ReadTime(PlanValue value)
    {
        if (
            value.Node is YamlNode.Scalar { Text: var text }
            && DateTimeOffset.TryParseExact(
                text,
                TimeForm,
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time
            )
            && text.Length > "2026-11-20T06:00:00".Length
        )
            return time;
        value.Refuse(
            PlanProblems.Type(
                value.Path,
                "a time such as 2026-11-20T06:00:00Z",
                value.Node is YamlNode.Scalar { IsNothing: false } scalar ? $"'{scalar.Text}'" : value.Node.Shape,
                value.Example
            )
        );
        return null;
    }
}
