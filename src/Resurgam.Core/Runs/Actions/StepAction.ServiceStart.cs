namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Starts a service.</summary>
    public sealed record ServiceStart : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "service-start",
                "Starts a service and waits until it runs. Undo stops it, if it did not run before.",
                [ActionForms.Target],
                keys => new ServiceStart { On = new TargetId(keys.Get(ActionForms.Target)) }
            );

        public required TargetId On { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Service.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"start {On}";
    }
}
