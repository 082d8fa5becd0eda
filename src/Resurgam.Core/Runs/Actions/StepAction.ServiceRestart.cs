namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Restarts a service.</summary>
    public sealed record ServiceRestart : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "service-restart",
                "Stops a service and starts it again.",
                [ActionForms.Target],
                keys => new ServiceRestart { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Service.KindName];

        public override bool IsIdempotent => true;

        public override string Describe() => $"restart {On}";
    }
}
