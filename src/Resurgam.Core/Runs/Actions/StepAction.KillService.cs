using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>A fault: kills the processes of a service without warning.</summary>
    public sealed record KillService : StepAction
    {
        private static readonly PlanKey<string?> PidFileKey = new("pid-file", PlanTypes.AbsolutePath.OrNone)
        {
            DefaultInWords = "none: by the `unit` of the target",
            Example = "/srv/drill/api.pid",
            About = "File with the number of its process, for a service that is no unit of systemd.",
        };

        internal static ActionForm Form { get; } =
            new(
                "fault-kill-service",
                "A fault, only in drills: kills the processes of a service with SIGKILL. Undo: starts it if it ran before.",
                [ActionForms.Target, PidFileKey],
                keys => new KillService
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    PidFile = keys.Get(PidFileKey),
                }
            );

        public required TargetId On { get; init; }

        /// <summary>Absolute; null: by the unit of the target.</summary>
        public string? PidFile { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Service.KindName];

        public override bool IsFault => true;

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"kill the processes of {On}";
    }
}
