namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Cuts pods off the network and keeps them.</summary>
    public sealed record KubernetesQuarantine : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-quarantine",
                "Cuts pods off the network and keeps them as evidence: they lose their labels, so that no Service leads to them and others take their place, and a policy of ours allows them nothing. Undo gives them their labels back. Without a network plugin that enforces policies nothing is cut: prove it with a `postcondition`.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Selector, KubernetesActionKeys.Most],
                keys => new KubernetesQuarantine
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Selector = keys.Get(KubernetesActionKeys.Selector),
                    Most = keys.Get(KubernetesActionKeys.Most),
                }
            );

        public required TargetId On { get; init; }

        public required string Selector { get; init; }

        /// <summary>How many pods it may be.</summary>
        public required int Most { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"quarantine the pods {Selector} of {On}";
    }
}
