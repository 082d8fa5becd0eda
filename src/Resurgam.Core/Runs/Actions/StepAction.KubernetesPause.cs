using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Holds autoscalers and reconcilers.</summary>
    public sealed record KubernetesPause : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-pause",
                "Holds what would turn changes back: autoscalers, and the reconcilers of Flux and Argo CD. `kubernetes-resume` and undo wake them to what they were; what was held by somebody else stays held.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Reconcilers],
                keys => new KubernetesPause
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

        public override bool UndoesItself => true;

        public override string Describe() => $"pause autoscalers and reconcilers of {On}";
    }
}
