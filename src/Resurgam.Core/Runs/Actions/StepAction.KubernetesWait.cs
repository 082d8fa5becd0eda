using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Waits until workloads are ready.</summary>
    public sealed record KubernetesWait : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-wait",
                "Waits until workloads are ready: as many pods of the newest template as there shall be, all available, and none of the old ones.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Workloads],
                keys => new KubernetesWait
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Workloads = keys.Get(KubernetesActionKeys.Workloads),
                }
            );

        public required TargetId On { get; init; }

        public required ValueList<Workload> Workloads { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"wait until {string.Join(", ", Workloads)} of {On} are ready";
    }
}
