using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>What an object of a vault's store is, told from its key alone: no secret is needed to copy a vault, or to check most of it.</summary>
internal static class VaultObject
{
    public const string GenerationsPrefix = "generations/";

    private const string LedgerPrefix = "ledger/";

    /// <summary>Lives for one process or one moment, and means nothing in another place.</summary>
    public static bool IsPassing(string key) =>
        key.StartsWith("locks/", StringComparison.Ordinal)
        || key.StartsWith("probe-", StringComparison.Ordinal)
        || (key.StartsWith(GenerationsPrefix, StringComparison.Ordinal) && PartOf(key) == "locks");

    public static VaultPart PartOfVault(string key)
    {
        if (key.StartsWith(LedgerPrefix, StringComparison.Ordinal))
            return VaultPart.Ledger;
        if (!key.StartsWith(GenerationsPrefix, StringComparison.Ordinal))
            return key switch
            {
                VaultDescriptor.Key => VaultPart.Descriptor,
                RestoreGuide.Name => VaultPart.Keys,
                _ when key.StartsWith("keys/", StringComparison.Ordinal) => VaultPart.Keys,
                _ => VaultPart.Other,
            };
        return PartOf(key) switch
        {
            _ when IsExpiryMark(key) => VaultPart.Other,
            "config" => VaultPart.Config,
            "data" => VaultPart.Packs,
            "index" => VaultPart.Index,
            "snapshots" => VaultPart.Snapshots,
            "wal" => VaultPart.Wal,
            _ => VaultPart.GenerationKeys,
        };
    }

    /// <summary>It says that a generation is no more, to who can open it.</summary>
    public static bool IsExpiryMark(string key) =>
        key.EndsWith('/' + Vault.ExpiryMarkName, StringComparison.Ordinal)
        && key.StartsWith(GenerationsPrefix, StringComparison.Ordinal)
        && key.Split('/').Length == 3;

    /// <summary>A way of unlocking: of the vault, or of a generation for stock restic.</summary>
    public static bool IsKeyFile(string key) =>
        key.StartsWith(VaultKeys.Prefix, StringComparison.Ordinal)
        || (key.StartsWith(GenerationsPrefix, StringComparison.Ordinal) && PartOf(key) == "keys");

    /// <returns>The id of the key whose file or record this is; null for all else, and for key files of generations, which have names of their own.</returns>
    public static string? FindKeyId(string key) =>
        key.StartsWith(VaultKeys.Prefix, StringComparison.Ordinal) ? key[VaultKeys.Prefix.Length..]
        : key.StartsWith(VaultKeyRecord.Prefix, StringComparison.Ordinal) ? key[VaultKeyRecord.Prefix.Length..]
        : null;

    /// <returns><c>2026-11</c>; empty for what is in no generation.</returns>
    public static string GenerationOf(string key)
    {
        if (!key.StartsWith(GenerationsPrefix, StringComparison.Ordinal))
            return "";
        var end = key.IndexOf('/', GenerationsPrefix.Length);
        return end < 0 ? "" : key[GenerationsPrefix.Length..end];
    }

    /// <summary>The SHA-256 that the object's bytes must have, for what restic names so.</summary>
    public static bool TryNamedHash(string key, out BlobId hash)
    {
        hash = default;
        var isNamed = PartOfVault(key) switch
        {
            VaultPart.Packs or VaultPart.Index or VaultPart.Snapshots => true,
            VaultPart.Keys or VaultPart.GenerationKeys => key.Contains("keys/", StringComparison.Ordinal),
            VaultPart.Descriptor or VaultPart.Config or VaultPart.Wal or VaultPart.Other or VaultPart.Ledger => false,
        };
        return isNamed && BlobId.TryParse(key[(key.LastIndexOf('/') + 1)..], out hash);
    }

    /// <summary>The name is the SHA-256 of other bytes. Of what is not named so nobody can tell.</summary>
    public static bool IsNamedOtherwise(string key, ReadOnlySpan<byte> bytes) =>
        TryNamedHash(key, out var hash) && BlobId.Of(bytes) != hash;

    /// <returns>The ledger's stream that the object belongs to, and its place there; null for any other object.</returns>
    public static LedgerObject? FindLedgerObject(string key) =>
        PartOfVault(key) == VaultPart.Ledger ? LedgerLayout.Read(key) : null;

    /// <summary>The ledger's word of copies and heals.</summary>
    public static bool IsOfPlace(string key) =>
        FindLedgerObject(key) switch
        {
            LedgerObject.Tag(var stream) => stream.IsOfPlace,
            LedgerObject.Segment(var stream, _) => stream.IsOfPlace,
            LedgerObject.Single(var stream, _) => stream.IsOfPlace,
            _ => false,
        };

    /// <param name="folder">Of the asset: <c>generations/2026-11/wal/db/</c>.</param>
    public static bool TryWalName(string key, out string folder, out WalObjectName name)
    {
        (folder, name) = ("", default);
        if (PartOfVault(key) != VaultPart.Wal)
            return false;
        var start = key.LastIndexOf('/');
        start = start > 0 ? key.LastIndexOf('/', start - 1) : -1;
        if (start < 0 || !WalObjectName.TryParse(key.AsSpan(start + 1), out name))
            return false;
        folder = key[..(start + 1)];
        return true;
    }

    private static string PartOf(string key) => key.Split('/', 4) is [_, _, var part, ..] ? part : "";
}

/// <summary>The parts of a vault, in the order in which a copy gets them: whatever is there can be read with what came before it.</summary>
internal enum VaultPart
{
    /// <summary>What the secret opens, and the guide for people.</summary>
    Keys,
    Descriptor,

    /// <summary>Of one generation; and what we do not know yet in it.</summary>
    GenerationKeys,
    Config,
    Packs,
    Wal,
    Index,
    Snapshots,

    /// <summary>What later programs put beside the generations.</summary>
    Other,

    /// <summary>Last: it tells of all the rest.</summary>
    Ledger,
}
