namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Stops a service.</summary>
    public sealed record ServiceStop : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "service-stop",
                "Stops a service and waits until it is down. Undo starts it, if it ran before.",
                [ActionForms.Target],
                keys => new ServiceStop { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Service.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"stop {On}";
    }
}
