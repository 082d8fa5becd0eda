using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>What a copy has to tell of generations that may be expired.</summary>
internal static class ExpiryFindings
{
    public static ReplicaFinding Unread(UnreadLedger ledger) =>
        new(
            ReplicaFault.ExpiryUnknown,
            StreamName.Vault.Value,
            $"{ledger.Place} does not tell what is expired, and nothing is deleted for it: {ledger.How}"
        );

    public static ReplicaFinding Marked(string generation) =>
        new(
            ReplicaFault.ExpiryUnknown,
            $"{VaultObject.GenerationsPrefix}{generation}",
            "it is marked as expired, and a ledger that cannot be read may say so: nothing of it was copied"
        );

    /// <summary>The target alone has the generation, and no ledger that was read calls it expired.</summary>
    public static ReplicaFinding Unexplained(
        ExpiryAnswer? expiry,
        string name,
        GenerationDifference generation,
        IStore source,
        IStore target
    )
    {
        var (fault, word) = expiry switch
        {
            null => (ReplicaFault.LostInSource, "no ledger could be asked whether it expired"),
            { IsWhole: true } => (ReplicaFault.LostInSource, "the ledger tells of no expiry"),
            _ => (ReplicaFault.ExpiryUnknown, "a ledger that cannot be read may call it expired: nothing was deleted"),
        };
        return new ReplicaFinding(
            fault,
            $"{VaultObject.GenerationsPrefix}{name}",
            $"{target.Name} has {generation.TargetObjects} objects ({new ByteSize(generation.TargetBytes)}) of it, {source.Name} has none, and {word}"
        );
    }
}
