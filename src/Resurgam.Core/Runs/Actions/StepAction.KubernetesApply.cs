using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Applies manifests of a folder.</summary>
    public sealed record KubernetesApply : StepAction
    {
        private static readonly PlanKey<string> PathKey = new("path", PlanTypes.AbsolutePath)
        {
            IsRequired = true,
            Example = "/srv/recovery/manifests",
            About = "The file or folder.",
        };

        private static readonly PlanKey<string?> DrillPathKey = new("drill-path", PlanTypes.AbsolutePath.OrNone)
        {
            DefaultInWords = "the same",
            Example = "/srv/drill/manifests",
            About = "The file or folder in a drill.",
        };

        private static readonly PlanKey<bool> ForceKey = new("force", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About = "Takes fields that others own.",
        };

        internal static ActionForm Form { get; } =
            new(
                "kubernetes-apply",
                "Applies the manifests of a file or folder (`.json`, `.yaml`, `.yml`) by server-side apply, in the order in which they need each other, definitions first. All are tried in a dry run by the server before the first one is changed; fields that others own with other values fail the step, unless `force`. Only objects of the target's namespace, and of the whole cluster.",
                [KubernetesActionKeys.Target, PathKey, DrillPathKey, ForceKey],
                keys => new KubernetesApply
                {
                    On = new TargetId(keys.Get(KubernetesActionKeys.Target)),
                    Path = keys.Get(PathKey),
                    DrillPath = keys.Get(DrillPathKey),
                    Force = keys.Get(ForceKey),
                }
            );

        public required TargetId On { get; init; }

        /// <summary>Absolute.</summary>
        public required string Path { get; init; }

        /// <summary>Absolute. Null: the same.</summary>
        public string? DrillPath { get; init; }

        public bool Force { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Kubernetes.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"apply {Path} to {On}";
    }
}
