using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>The objects of a Kubernetes cluster.</summary>
internal static class KubernetesKeys
{
    public static readonly PlanKey<string?> Kubeconfig = new("kubeconfig", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "the variable `KUBECONFIG`, else `~/.kube/config`, else the service account of the pod",
        Example = "/etc/resurgam/kubeconfig",
        About = "File that says how the cluster is reached, and as whom: certificates, tokens and exec plugins.",
    };

    public static readonly PlanKey<string?> Context = new("context", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the current one of the file",
        Example = "prod",
        About = "The context of it.",
    };

    public static readonly PlanKey<string?> ClusterUid = new("cluster-uid", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "any cluster is captured, and a restore must be told with `--cluster-uid`",
        Example = "0d6fa9a2-7a3e-4c7b-9f0c-3f0f5f1f0001",
        About =
            "The cluster that is meant: another one is neither captured nor written to. `kubectl get namespace kube-system -o jsonpath={.metadata.uid}` tells it.",
    };

    public static readonly PlanKey<ValueList<string>> Namespaces = new("namespaces", PlanTypes.Patterns)
    {
        DefaultInWords = "all but `kube-system`, `kube-public` and `kube-node-lease`",
        Example = "[shop, 'team-*']",
        About = "Namespaces whose objects are captured; `*` is any part of a name.",
    };

    public static readonly PlanKey<string?> Selector = new("selector", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "all objects",
        Example = "app.kubernetes.io/part-of=shop",
        About =
            "Only objects with these labels, as kubectl's `--selector` has it. What belongs to the whole cluster is not held to it.",
    };

    public static readonly PlanKey<bool?> ClusterWide = new("cluster-wide", PlanTypes.YesOrNo.OrUnknown)
    {
        DefaultInWords = "`true` without `namespaces`, else `false`",
        Example = "true",
        About =
            "Objects that belong to no namespace: all of them (`true`), or those that the chosen namespaces need (`false`): definitions, roles that are bound, storage classes and so on.",
    };

    public static readonly PlanKey<DateTimeOffset?> RevokedBefore = new("revoked-before", KubernetesKind.TimeType)
    {
        DefaultInWords = "none were",
        Example = "2026-11-20T06:00:00Z",
        About =
            "When credentials were last revoked after a breach. Secrets of older snapshots are held back by a restore, unless `--only` asks for them.",
    };

    public static readonly PlanKey<string?> Binaries = new("binaries", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "found in `PATH`",
        Example = "/opt/kubernetes/bin",
        About =
            "Folder with `kube-apiserver` and `etcd` of the cluster's version, for verification. Without them the cluster itself is asked by a dry run.",
    };

    public static readonly PlanSection Section = AssetKeys.SectionOf(
        Asset.Kubernetes.KindName,
        "The objects of a Kubernetes cluster: what is in its API, not what is on its volumes.",
        [Kubeconfig, Context, ClusterUid, Namespaces, Selector, ClusterWide, RevokedBefore, Binaries]
    );
}
