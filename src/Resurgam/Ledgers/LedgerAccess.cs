using System.Security.Cryptography;
using Resurgam.Adapters.Ledgers;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;

namespace Resurgam.Ledgers;

/// <summary>From a vault to its ledger, and to who writes there on this machine.</summary>
internal static class LedgerAccess
{
    private static readonly string Program = $"resurgam {Root.Version}";

    /// <summary>Everything of a vault's ledger that this machine keeps: its key, and what waits to be written.</summary>
    public static string FolderOf(Session session, Plan plan, Ledger ledger) =>
        Path.Combine(session.StateDirectoryOf(plan), "ledger", ledger.VaultId);

    public static LedgerWriter OpenWriter(Session session, Plan plan, Vault vault)
    {
        var ledger = vault.OpenLedger();
        var key = Path.Combine(FolderOf(session, plan, ledger), "node.key");
        LedgerAuthor author = new(
            $"{vault.Host.Identity.Username}@{vault.Host.Identity.Hostname}",
            Program,
            NodeKeyFile.Open(key, session.Entropy),
            new EcdsaSigning()
        );
        return new LedgerWriter(ledger, author, session.Time);
    }

    public static PendingFacts PendingOf(Session session, Plan plan, Ledger ledger) =>
        new(Path.Combine(FolderOf(session, plan, ledger), "pending"), session.Entropy);

    public static SeenHeads SeenOf(Session session, Plan plan, Ledger ledger) =>
        new(Path.Combine(FolderOf(session, plan, ledger), "seen"), session.Entropy);

    /// <summary>What this machine has compared of the ledgers of two places; null for a place that is no vault of ours.</summary>
    public static EndMemory? EndsOf(
        Session session,
        Plan plan,
        VaultDescriptor? descriptor,
        string source,
        string target
    ) =>
        descriptor is null
            ? null
            : new EndMemory(
                Path.Combine(session.StateDirectoryOf(plan), "ledger", descriptor.Id, $"ends.{source}.{target}"),
                session.Entropy
            );

    /// <summary>For people to compare: as <c>openssl pkey -pubin -in vault.pem -outform DER | sha256sum</c> prints it.</summary>
    public static string FingerprintOf(LedgerKey key) => Convert.ToHexStringLower(SHA256.HashData(key.PublicInfo.Span));

    /// <summary>The stream of an asset, or the vault's for what has no asset of ours.</summary>
    public static StreamName StreamOf(string? asset) =>
        asset is not null && StreamName.TryParse($"asset.{asset}", out var stream) ? stream : StreamName.Vault;
}
