using Resurgam.Core.Vaults;
using Resurgam.Core.Wal;

namespace Resurgam.Wal;

/// <summary>From a vault to the WAL of an asset.</summary>
internal static class WalAccess
{
    /// <summary>The WAL of an asset in every generation, oldest first, so that new objects go to the newest.</summary>
    public static async Task<WalArchive> OpenArchiveAsync(
        Vault vault,
        string asset,
        CancellationToken cancellationToken
    )
    {
        List<WalPlace> places = [];
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
        {
            var generation = await vault.OpenGenerationAsync(name, cancellationToken);
            places.Add(new WalPlace(generation.Store, generation.Prefix + "wal/", generation.Key));
        }
        return new WalArchive(asset, places);
    }
}
