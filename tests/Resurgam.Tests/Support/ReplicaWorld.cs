using System.Text;
using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Tests.Support;

/// <summary>A vault in memory with snapshots, WAL and a ledger, and what is done to replicas of it.</summary>
public sealed class ReplicaWorld(int seed = 1)
{
    public const string Generation = "generations/2026-11/";
    public const string WalFolder = Generation + "wal/db/00000001/";

    private readonly EcdsaSigning _signing = new();

    public VaultWorld Vault { get; } = new(seed);

    public MemoryStore Primary => Vault.Store;

    /// <summary>Two snapshots, a little WAL, and entries of a machine in two streams.</summary>
    public static async Task<ReplicaWorld> CreateAsync(CancellationToken cancellationToken, int seed = 1)
    {
        ReplicaWorld world = new(seed);
        (await world.Vault.CreateAsync(world.Primary, cancellationToken)).Dispose();
        for (var version = 1; version <= 2; version++)
            await world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(version), cancellationToken);
        world.Primary.Overwrite(WalFolder + "0000000001000000-00000100", [1, 2, 3]);
        world.Primary.Overwrite(WalFolder + "0000000001000100-00000100", [4, 5, 6]);
        await world.TellAsync(world.Primary, "db", 3, cancellationToken);
        await world.TellAsync(world.Primary, "files", 1, cancellationToken);
        return world;
    }

    /// <summary>Adds entries to the stream of an asset in the ledger of one place.</summary>
    public Task TellAsync(IStore place, string asset, int count, CancellationToken cancellationToken) =>
        TellAsync(place, StreamName.OfAsset(asset), count, cancellationToken);

    public async Task TellAsync(IStore place, StreamName stream, int count, CancellationToken cancellationToken)
    {
        using var vault = await Vault.OpenAsync(place, cancellationToken);
        var scalar = new byte[32];
        vault.Host.Entropy.Fill(scalar);
        scalar[0] = 1; // surely below the order of the group
        LedgerAuthor author = new("root@one", "resurgam 0.1.0", _signing.FromPrivate(scalar), _signing);
        LedgerWriter writer = new(vault.OpenLedger(), author, Vault.Time);
        for (var i = 0; i < count; i++)
            await writer.AppendAsync(
                stream,
                LedgerFact.Of(EntryKind.Backup, Encoding.UTF8.GetBytes($"{{\"number\":{i}}}")),
                cancellationToken
            );
    }

    public static Task<ReplicaCopyResult> CopyAsync(
        IStore from,
        IStore to,
        CancellationToken cancellationToken,
        ReplicaCopySettings? settings = null
    ) => new ReplicaCopy(from, to, settings ?? new() { Workers = 3 }, NoProgress.Instance).RunAsync(cancellationToken);

    public static MemoryStore CopyOf(MemoryStore store)
    {
        MemoryStore copy = new();
        foreach (var (key, bytes) in store.Objects)
            copy.Overwrite(key, bytes);
        return copy;
    }
}
