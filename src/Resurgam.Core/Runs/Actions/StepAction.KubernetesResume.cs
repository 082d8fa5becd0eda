using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Wakes what <see cref="KubernetesPause"/> holds.</summary>
    public sealed record KubernetesResume : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-resume",
                "Wakes what `kubernetes-pause` holds, to what it was; nothing else.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Reconcilers],
                keys => new KubernetesResume
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Reconcilers = keys.Get(KubernetesActionKeys.Reconcilers),
                }
            );

        public required TargetId On { get; init; }

        /// <summary>Beside those of the target's namespace.</summary>
        public ValueList<ReconcilerName> Reconcilers { get; init; } = [];

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"wake the paused autoscalers and reconcilers of {On}";
    }
}
