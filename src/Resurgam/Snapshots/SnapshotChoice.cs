using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Snapshots;

/// <summary>What a person may write for a snapshot.</summary>
internal static class SnapshotChoice
{
    public const string Help = "First digits of a snapshot's id, the name of an asset for its newest, or 'latest'.";

    public static Task<SnapshotEntry> GetAsync(
        Vault vault,
        Plan plan,
        string wanted,
        CancellationToken cancellationToken
    ) =>
        AssetId.TryParse(wanted, out var id) && plan.FindAsset(id) is not null
            ? vault.GetSnapshotAsync("latest", wanted, cancellationToken)
            : vault.GetSnapshotAsync(wanted, asset: null, cancellationToken);
}
