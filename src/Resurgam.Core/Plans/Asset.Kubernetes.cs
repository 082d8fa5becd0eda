using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>The objects of a Kubernetes cluster.</summary>
    public sealed record Kubernetes : Asset
    {
        public const string KindName = "kubernetes";

        public override string Kind => KindName;

        /// <summary>Absolute path of a kubeconfig file. Null: as kubectl finds it.</summary>
        public string? Kubeconfig { get; init; }

        /// <summary>Null: the file's current one.</summary>
        public string? Context { get; init; }

        /// <summary>Uid of the namespace <c>kube-system</c>. Null: any cluster is captured, and a restore has to be told.</summary>
        public string? ClusterUid { get; init; }

        /// <summary>Names, or patterns with <c>*</c>. Empty: all but Kubernetes' own.</summary>
        public ValueList<string> Namespaces { get; init; } = [];

        /// <summary>Label selector of the objects in namespaces. Null: all.</summary>
        public string? Selector { get; init; }

        /// <summary>All objects of the whole cluster, not only those that the namespaces need.</summary>
        public required bool IsClusterWide { get; init; }

        /// <summary>Secrets that were captured before it hold credentials that were revoked. Null: none were.</summary>
        public DateTimeOffset? RevokedBefore { get; init; }

        /// <summary>Folder with <c>kube-apiserver</c> and <c>etcd</c>. Null: found in <c>PATH</c>.</summary>
        public string? Binaries { get; init; }
    }
}
