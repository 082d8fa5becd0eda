namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Proves the newest snapshot of an asset.</summary>
    public sealed record VaultVerify : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "vault-verify",
                "Restores an asset's newest snapshot in isolation and questions it, as `verify` does.",
                [ActionForms.Asset],
                keys => new VaultVerify { Of = keys.Get(ActionForms.Asset) }
            );

        public required string Of { get; init; }

        public override string Kind => Form.Name;

        public override string? Asset => Of;

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"verify the newest snapshot of {Of}";
    }
}
