using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Brings a replica of the vault up to date.</summary>
    public sealed record VaultCopy : StepAction
    {
        private static readonly PlanKey<string> ReplicaKey = new("replica", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "second-region",
            About = "Name of the replica, below `vault.replicas`.",
        };

        private static readonly PlanKey<bool> ReadBackKey = new("read-back", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About = "Whether the whole copy is read back afterwards and compared.",
        };

        internal static ActionForm Form { get; } =
            new(
                "vault-copy",
                "Brings a replica of the vault up to date, as `vault copy` does; done when it has all that the vault has, and nothing is damaged.",
                [ReplicaKey, ReadBackKey],
                keys => new VaultCopy { To = keys.Get(ReplicaKey), ReadsBack = keys.Get(ReadBackKey) }
            );

        public required string To { get; init; }

        public bool ReadsBack { get; init; }

        public override string Kind => Form.Name;

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override string Describe() => $"copy the vault to {To}{(ReadsBack ? " and read it back" : "")}";
    }
}
