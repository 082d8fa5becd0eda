using Resurgam.Core.Problems;
using Resurgam.Core.Secrets;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Secrets;

/// <summary>A secret as a snapshot has it.</summary>
internal sealed record SecretSnapshot(SnapshotEntry Entry, SecretRecord Record, ReadOnlyMemory<byte> Value)
{
    /// <exception cref="ResurgamException"><c>escrow-no-record</c>, or the vault is damaged there.</exception>
    public static async Task<SecretSnapshot> ReadAsync(
        Vault vault,
        SnapshotEntry entry,
        CancellationToken cancellationToken
    )
    {
        using BlobReader blobs = new(entry.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(entry.Repository, blobs);
        var json =
            await reader.FindFileAsync(entry, SecretRecord.Path, cancellationToken)
            ?? throw SecretRecord.Missing(entry.Id.Short);
        var record = SecretRecord.Read(json, entry.Id.Short);
        var value =
            await reader.FindFileAsync(entry, $"{SecretRecord.Folder}/{record.Asset}", cancellationToken)
            ?? throw SecretRecord.Missing(entry.Id.Short);
        return new SecretSnapshot(entry, record, value);
    }
}
