namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Keeps what a later step would destroy.</summary>
    public sealed record KubernetesEvidence : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-evidence",
                "Keeps what a later step would destroy, in the vault: logs of pods, also from before their last restart, what they are made of, their images by digest, and their events. The snapshot is that of asset `evidence`; the ledger has its id and the hash of each file.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Selector],
                keys => new KubernetesEvidence
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Selector = keys.Get(KubernetesActionKeys.Selector),
                }
            );

        public required TargetId On { get; init; }

        public required string Selector { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"keep logs, events and images of the pods {Selector} of {On}";
    }
}
