namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Nothing but the step's approval: what needs it waits for a person's word.</summary>
    public sealed record Approve : StepAction
    {
        internal static ActionForm Form { get; } =
            new("approve", "Nothing: the step is done with its approval.", [], _ => new Approve());

        public override string Kind => Form.Name;

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => "wait for approval";
    }
}
