using Resurgam.Core.Kubernetes;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Changes how many pods workloads have, and keeps how many they had.</summary>
    public sealed record KubernetesScale : StepAction
    {
        private static readonly PlanKey<int?> ReplicasKey = new("replicas", KubernetesTypes.Replicas)
        {
            IsRequired = true,
            Example = "'0'",
            About = "How many pods each shall have; `before`: as many as before the step that changed it.",
        };

        private static readonly PlanKey<ValueList<Workload>> WorkloadsKey = new("workloads", KubernetesTypes.Scalable)
        {
            IsRequired = true,
            Example = "[Deployment/auth-service, StatefulSet/queue]",
            About = "What is meant, in its order: `Deployment/NAME` or `StatefulSet/NAME`.",
        };

        internal static ActionForm Form { get; } =
            new(
                "kubernetes-scale",
                "Changes how many pods workloads have. How many there were is noted here and on the workload itself, so that `replicas: before` brings it back in a later step, and undo does. What scales or reconciles them has to be paused first (`kubernetes-pause`): it would turn the change back.",
                [KubernetesActionKeys.Target, WorkloadsKey, ReplicasKey, KubernetesActionKeys.Wait],
                keys => new KubernetesScale
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Workloads = keys.Get(WorkloadsKey),
                    Replicas = keys.Get(ReplicasKey),
                    Waits = keys.Get(KubernetesActionKeys.Wait),
                }
            );

        public required TargetId On { get; init; }

        public required ValueList<Workload> Workloads { get; init; }

        /// <summary>Null: as many as there were before.</summary>
        public int? Replicas { get; init; }

        public bool Waits { get; init; } = true;

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() =>
            $"scale {string.Join(", ", Workloads)} of {On} to {(Replicas is { } count ? $"{count} pods" : "what was before")}";
    }
}
