namespace Resurgam.Core.Vaults.Replicas;

/// <summary>What is wrong between two places of one vault.</summary>
public enum ReplicaFault
{
    /// <summary>The source's object does not hold what its name says: it was not copied.</summary>
    DamagedInSource,

    /// <summary>The target's object does not hold what its name says: it was left as it is.</summary>
    DamagedInTarget,

    /// <summary>One name, two contents, and the name does not tell which is right. Neither was touched.</summary>
    Differs,

    /// <summary>Both places made the generation of one month, each with a key of its own: nothing of it was copied.</summary>
    OtherGeneration,

    /// <summary>A stream of the ledger grew in both places: nothing of it was copied.</summary>
    Forked,

    /// <summary>A stream of the ledger goes on in the target behind what the source has: it keeps no copy from having passed.</summary>
    Ahead,

    /// <summary>The target has a generation that the source lacks, and the ledger tells of no expiry.</summary>
    LostInSource,

    /// <summary>A ledger cannot be read, so that nobody can tell whether a generation is expired: nothing was deleted or brought back for it.</summary>
    ExpiryUnknown,

    /// <summary>The target refuses to let go of what the source let go.</summary>
    NotRemoved,

    /// <summary>A key that is withdrawn still opens one of the places.</summary>
    WithdrawnKey,

    /// <summary>The same, and nobody can change it before a lock ends: it keeps no copy from having passed.</summary>
    LockedKey,

    /// <summary>The store does not show whether it keeps older versions of withdrawn keys' files: it keeps no copy from having passed.</summary>
    UnseenVersions,
}

/// <param name="Key">A key of the stores, or the name of a generation or a stream.</param>
/// <param name="How">In words.</param>
public sealed record ReplicaFinding(ReplicaFault Fault, string Key, string How);
