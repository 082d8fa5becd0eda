using Resurgam.Core.Kubernetes;
using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Gives a Deployment the template of an earlier revision.</summary>
    public sealed record KubernetesRollback : StepAction
    {
        private static readonly PlanKey<Workload?> WorkloadKey = new("workload", KubernetesTypes.Deployment)
        {
            IsRequired = true,
            Example = "Deployment/web",
            About = "The Deployment.",
        };

        private static readonly PlanKey<int> RevisionKey = new("revision", KubernetesTypes.Most)
        {
            IsRequired = true,
            Example = "'7'",
            About =
                "The revision, as `kubectl rollout history` has it. Never \"the one before\": that is another one after a second try.",
        };

        private static readonly PlanKey<bool> ReconciledKey = new("reconciler-paused", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About =
                "Says that its reconciler is held, by `kubernetes-pause` before or otherwise: then it is not refused.",
        };

        internal static ActionForm Form { get; } =
            new(
                "kubernetes-rollback",
                "Gives a Deployment the template of an earlier revision, named by its number, and waits until it is ready. Refused where it would not do what it says: a reconciler would write it anew, or both revisions name the same images by tag. Configuration, secrets and schemas stay as they are. Undo goes back to the revision that was there.",
                [KubernetesActionKeys.Target, WorkloadKey, RevisionKey, ReconciledKey, KubernetesActionKeys.Wait],
                keys => new KubernetesRollback
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Workload = keys.Get(WorkloadKey) ?? new Workload(Workload.Deployment, ""),
                    Revision = keys.Get(RevisionKey),
                    IsReconcilerPaused = keys.Get(ReconciledKey),
                    Waits = keys.Get(KubernetesActionKeys.Wait),
                }
            );

        public required TargetId On { get; init; }

        public required Workload Workload { get; init; }

        public required int Revision { get; init; }

        /// <summary>The plan says that its reconciler is held.</summary>
        public bool IsReconcilerPaused { get; init; }

        public bool Waits { get; init; } = true;

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"roll {Workload} of {On} back to revision {Revision}";
    }
}
