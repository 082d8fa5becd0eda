namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Takes a snapshot of an asset.</summary>
    public sealed record VaultBackup : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "vault-backup",
                "Takes a snapshot of an asset, as `backup` does.",
                [ActionForms.Asset],
                keys => new VaultBackup { Of = keys.Get(ActionForms.Asset) }
            );

        public required string Of { get; init; }

        public override string Kind => Form.Name;

        public override string? Asset => Of;

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"back {Of} up";
    }
}
