using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record Target
{
    /// <summary>A namespace of a Kubernetes cluster. Which cluster it is says its uid; the context only leads there.</summary>
    public sealed record Kubernetes : Target
    {
        public const string KindName = "kubernetes";

        private static readonly PlanKey<string?> KubeconfigKey = new("kubeconfig", PlanTypes.AbsolutePath.OrNone)
        {
            DefaultInWords = "the variable `KUBECONFIG`, else `~/.kube/config`, else the service account of the pod",
            Example = "/etc/resurgam/kubeconfig",
            About = "File that says how the cluster is reached, and as whom.",
        };

        private static readonly PlanKey<string> ContextKey = new("context", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "prod",
            About = "The context of it.",
        };

        private static readonly PlanKey<string?> UidKey = new("cluster-uid", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "read from `cluster-uid-file`",
            Example = "0d6fa9a2-7a3e-4c7b-9f0c-3f0f5f1f0001",
            About =
                "The cluster that is meant: nothing is done to another one. `kubectl get namespace kube-system -o jsonpath={.metadata.uid}` tells it.",
        };

        private static readonly PlanKey<string?> UidFileKey = new("cluster-uid-file", PlanTypes.AbsolutePath.OrNone)
        {
            DefaultInWords = "none",
            Example = "/srv/recovery/cluster-uid",
            About =
                "For a cluster that is not there yet: the file that what builds it writes its uid into, asked when a step acts on it.",
        };

        private static readonly PlanKey<string> NamespaceKey = new("namespace", KubernetesTypes.Name)
        {
            IsRequired = true,
            Example = "shop",
            About = "The namespace that steps act in.",
        };

        internal static TargetForm Form { get; } =
            new(
                KindName,
                (
                    "A namespace of a Kubernetes cluster.",
                    "What takes the place of a namespace in a drill: one of another cluster, or another one."
                ),
                [KubeconfigKey, ContextKey, UidKey, UidFileKey, NamespaceKey],
                Read,
                "{ context: drill, cluster-uid: 5b1d0a70-33a1-4d2f-9a53-0b1a2c3d4e5f, namespace: shop }"
            );

        public override string Kind => KindName;

        /// <summary>Absolute. Null: as kubectl finds it.</summary>
        public string? Kubeconfig { get; init; }

        public required string Context { get; init; }

        /// <summary>Null: in <see cref="ClusterUidFile"/>.</summary>
        public string? ClusterUid { get; init; }

        /// <summary>Absolute; written by what builds the cluster. Null: <see cref="ClusterUid"/> is known.</summary>
        public string? ClusterUidFile { get; init; }

        public required string Namespace { get; init; }

        private static Kubernetes Read(TargetId id, PlanMapping keys)
        {
            if (keys.Has(UidKey) == keys.Has(UidFileKey))
                keys.Self.Refuse(RunbookProblems.ClusterChoice(keys.Self.Path));
            return new Kubernetes
            {
                Id = id,
                Kubeconfig = keys.Get(KubeconfigKey),
                Context = keys.Get(ContextKey),
                ClusterUid = keys.Get(UidKey),
                ClusterUidFile = keys.Get(UidFileKey),
                Namespace = keys.Get(NamespaceKey),
            };
        }
    }
}
