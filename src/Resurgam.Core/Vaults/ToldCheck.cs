using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Vaults;

/// <param name="Damage">What is gone, and was not let go by an expiry.</param>
/// <param name="Notes">What cannot be restored and is no damage: a gap in a stream that a newer snapshot lies behind.</param>
public sealed record ToldCheckResult(IReadOnlyList<VaultDamage> Damage, IReadOnlyList<string> Notes);

/// <summary>
/// Compares a place with what its ledger tells: each snapshot that a backup recorded is there, unless its generation expired; and
/// behind the newest one of an asset its stream has no gap. What was deleted leaves no damage behind that could be read.
/// </summary>
/// <remarks>A replica's own ledger comes after all else, so that what lags is not missed. Without a ledger nothing is told, and nothing missed.</remarks>
public sealed class ToldCheck(Vault vault, IWorkProgress progress)
{
    /// <summary>A writer that puts one object in the place of many shows a gap to who lists at that moment.</summary>
    private const int Looks = 3;

    private readonly List<VaultDamage> _damage = [];
    private readonly List<string> _notes = [];

    public async Task<ToldCheckResult> RunAsync(CancellationToken cancellationToken)
    {
        if (vault.Descriptor is not null && !vault.HasLostKey)
        {
            progress.Stage("comparing with the ledger");
            try
            {
                await CompareAsync(vault.OpenLedger(vault.Store), cancellationToken);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                _damage.Add(
                    new VaultDamage("ledger", $"what it tells cannot be compared with what is there: {e.Problem.What}")
                );
            }
        }
        return new ToldCheckResult(_damage, _notes);
    }

    /// <summary>In this order a backup or an expiry beside it makes nothing look missing: each writes what it tells before or after, as it is safe.</summary>
    private async Task CompareAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        Dictionary<string, List<AssetEvent.Backup>> told = new(StringComparer.Ordinal);
        foreach (var stream in await ledger.ListStreamsAsync(cancellationToken))
            if (stream.FindAsset() is { } asset)
                told[asset] = await ReadBackupsAsync(ledger, stream, cancellationToken);
        HashSet<BlobId> there = [];
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        foreach (var name in generations)
        await foreach (
            var item in vault.Store.ListAsync($"{Vault.GenerationsPrefix}{name}/snapshots/", cancellationToken)
        )
            if (BlobId.TryParse(item.Key[(item.Key.LastIndexOf('/') + 1)..], out var id))
                there.Add(id);
        var expired = await ReadExpiredAsync(ledger, cancellationToken);
        foreach (var (asset, backups) in told.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            foreach (
                var backup in backups.Where(one => !there.Contains(one.Snapshot) && !expired.Contains(one.Snapshot))
            )
                _damage.Add(
                    new VaultDamage(
                        $"snapshot {backup.Snapshot.Short} of {asset}",
                        $"the ledger tells of it, taken {backup.TakenAt:yyyy-MM-dd HH:mm:ss}Z, and it is in no generation: 'resurgam vault heal', or 'resurgam vault copy' from where it was taken, brings it back where another place has it"
                    )
                );
            List<AssetEvent.Backup> present = [.. backups.Where(one => there.Contains(one.Snapshot))];
            if (present.Count > 0)
                await CheckStreamAsync(asset, present, generations, cancellationToken);
        }
    }

    private static async Task<List<AssetEvent.Backup>> ReadBackupsAsync(
        Ledger ledger,
        StreamName stream,
        CancellationToken cancellationToken
    )
    {
        List<AssetEvent.Backup> backups = [];
        await foreach (var entry in ledger.ReadAsync(stream, 1, cancellationToken))
            if (entry.Kind == EntryKind.Backup && AssetEvent.TryRead(entry) is AssetEvent.Backup backup)
                backups.Add(backup);
        return [.. backups.OrderBy(backup => backup.TakenAt)];
    }

    /// <summary>Snapshots of generations that went on purpose: only what is signed by a key that counts says so.</summary>
    private static async Task<HashSet<BlobId>> ReadExpiredAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        HashSet<BlobId> expired = [];
        KeyRing ring = new(ledger.Root, ledger.VaultId);
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, 1, cancellationToken))
        {
            ring.Apply(entry);
            if (entry.Kind != EntryKind.GenerationExpired || ring.FaultOfSignature(entry) is not null)
                continue;
            using var body = JsonDocument.Parse(entry.Body);
            if (body.RootElement.TryGetProperty("snapshots", out var all) && all.ValueKind == JsonValueKind.Array)
                foreach (var snapshot in all.EnumerateArray())
                    if (BlobId.TryParse(snapshot.FindText("id"), out var id))
                        expired.Add(id);
        }
        return expired;
    }

    /// <param name="present">Oldest first, at least one.</param>
    private async Task CheckStreamAsync(
        string asset,
        List<AssetEvent.Backup> present,
        IReadOnlyList<string> generations,
        CancellationToken cancellationToken
    )
    {
        List<WalPlace> places = [];
        foreach (var name in generations)
            if (await vault.TryOpenGenerationAsync(name, cancellationToken) is { } generation)
                places.Add(new WalPlace(generation.Store, generation.Prefix + "wal/", generation.Key));
        WalArchive archive = new(asset, places);
        for (var look = 1; ; look++)
        {
            var objects = await archive.ListObjectsAsync(cancellationToken);
            if (objects.Count == 0)
                return;
            if (FindGap(objects, present[^1]) is not { } gap)
            {
                NoteOlderGaps(asset, objects, present);
                return;
            }
            if (look < Looks)
                continue;
            var how =
                $"{gap} is missing behind its newest snapshot, of {present[^1].TakenAt:yyyy-MM-dd HH:mm:ss}Z: nothing behind {gap.Start} can be restored";
            // Nothing of the stream before it: the stream began later than the snapshot, and nothing was deleted.
            if (objects.All(each => each.Name.Timeline >= gap.Timeline && each.Name.Start >= gap.End))
                _notes.Add(
                    $"stream of {asset}: {how}: the stream began later; 'resurgam backup {asset}' makes a snapshot that it follows"
                );
            else
                _damage.Add(
                    new VaultDamage(
                        $"stream of {asset}",
                        $"{how}; 'resurgam vault heal' brings it back where another place has it, and 'resurgam backup {asset}' makes a snapshot behind it"
                    )
                );
            return;
        }
    }

    private void NoteOlderGaps(
        string asset,
        IReadOnlyList<(WalObjectName Name, DateTimeOffset StoredAt)> objects,
        List<AssetEvent.Backup> present
    )
    {
        var gaps = present.Where(each => each.Timeline > 0).Select(each => FindGap(objects, each)).OfType<WalRange>();
        foreach (var gap in gaps.Distinct())
            _notes.Add(
                $"stream of {asset}: {gap} is missing, before its newest snapshot: no moment in it can be restored"
            );
    }

    /// <summary>Of a cluster from the end of the snapshot; a Redis server's newest timeline has its base in itself.</summary>
    private static WalRange? FindGap(
        IReadOnlyList<(WalObjectName Name, DateTimeOffset StoredAt)> objects,
        AssetEvent.Backup backup
    )
    {
        if (backup.Timeline > 0)
            return WalReach.From(objects, backup.Timeline, backup.Stop).Gap;
        var last = objects.Max(each => each.Name.Timeline);
        var ofLast = objects.Where(each => each.Name.Timeline == last).ToList();
        return WalReach.From(ofLast, last, ofLast.Min(each => each.Name.Start)).Gap;
    }
}
