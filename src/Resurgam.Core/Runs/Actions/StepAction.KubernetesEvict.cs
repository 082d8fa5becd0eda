namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Ends pods as far as disruption budgets let them go.</summary>
    public sealed record KubernetesEvict : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "kubernetes-evict",
                "Ends pods by the eviction API, which asks disruption budgets; done when they are gone. A budget that does not allow it now is asked again until the timeout.",
                [KubernetesActionKeys.Target, KubernetesActionKeys.Selector, KubernetesActionKeys.Most],
                keys => new KubernetesEvict
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

        public override string Describe() => $"evict the pods {Selector} of {On}";
    }
}
