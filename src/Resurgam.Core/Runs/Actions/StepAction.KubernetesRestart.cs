using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Restarts the pods of workloads, one workload after the other.</summary>
    public sealed record KubernetesRestart : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-restart",
                "Restarts the pods of workloads by a rollout, one workload after the other: the next one begins when the one before is ready.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Workloads, KubernetesActionKeys.Wait],
                keys => new KubernetesRestart
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Workloads = keys.Get(KubernetesActionKeys.Workloads),
                    Waits = keys.Get(KubernetesActionKeys.Wait),
                }
            );

        public required TargetId On { get; init; }

        public required ValueList<Workload> Workloads { get; init; }

        public bool Waits { get; init; } = true;

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"restart {string.Join(", ", Workloads)} of {On}";
    }
}
