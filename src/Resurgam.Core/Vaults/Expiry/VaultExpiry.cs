using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Vaults.Scrubs;

namespace Resurgam.Core.Vaults.Expiry;

/// <summary>Destroys the generations of a vault that its rules keep no longer.</summary>
/// <remarks>
/// Order: the ledger says what goes, right behind the last entry that the decision knew, so that no legal hold is overtaken; a mark in the
/// generation makes it gone for everybody; then its keys, so that the rest is noise; then the rest; then the ledger says that it is done.
/// Cut before the first entry, nothing happened; cut after it, the next run finishes. The mark stays: what comes back from a
/// place that had not heard of it is gone all the same. Layout: docs/formats/expiry.md.
/// </remarks>
public sealed class VaultExpiry(Vault vault, ExpiryRules rules, IWorkProgress progress)
{
    /// <summary>Somebody wrote to the ledger between decision and word so often in a row: then it is for later.</summary>
    private const int MostDecisions = 10;

    /// <summary>A store that refuses so often in a row refuses all: the next run asks again.</summary>
    private const int MostRefusals = 20;

    /// <param name="holds">Those of the plan; the ledger's own are read.</param>
    /// <param name="writer">Null for a dry run. The ledger must be writable: what cannot be told is not done.</param>
    /// <exception cref="ResurgamException"><c>expire-clock-refused</c>, <c>ledger-busy</c>; the store's and the ledger's own.</exception>
    public async Task<ExpiryResult> RunAsync(
        IReadOnlyList<LegalHold> holds,
        LedgerWriter? writer,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> announced = new(StringComparer.Ordinal);
        for (var decision = 1; decision <= MostDecisions; decision++)
        {
            progress.Stage("looking at generations");
            var ledger = await ExpiryLedger.ReadAsync(vault.OpenLedger(), cancellationToken);
            var generations = await SurveyAsync(ledger, cancellationToken);
            var now = vault.Host.Time.GetUtcNow();
            ExpiryClock.Require(now, NewestOf(generations, ledger));
            var verdicts = ExpiryDecision.Decide(generations, rules, [.. holds, .. ledger.Holds], now);
            var unfinished = await ListUnfinishedAsync(ledger, cancellationToken);
            if (writer is null)
                return new ExpiryResult(verdicts, unfinished, []);
            if (!await TryAnnounceAsync(ledger.Head, verdicts, writer, announced, cancellationToken))
                continue;
            ledger = await ExpiryLedger.ReadAsync(writer.Ledger, cancellationToken);
            List<ExpiryOutcome> outcomes = [];
            foreach (var name in await ListUnfinishedAsync(ledger, cancellationToken))
                outcomes.Add(await FinishAsync(name, ledger, writer, cancellationToken));
            return new ExpiryResult(verdicts, [.. unfinished.Where(name => !announced.Contains(name))], outcomes);
        }
        throw LedgerProblems.Busy(StreamName.Vault, MostDecisions);
    }

    /// <summary>Tells the ledger of each generation that goes. From there on there is no way back.</summary>
    /// <returns>False when somebody else wrote meanwhile, perhaps a hold: it has to be decided anew.</returns>
    private async Task<bool> TryAnnounceAsync(
        LedgerHead head,
        IReadOnlyList<ExpiryVerdict> verdicts,
        LedgerWriter writer,
        HashSet<string> announced,
        CancellationToken cancellationToken
    )
    {
        foreach (var verdict in verdicts.Where(verdict => verdict.Expires))
        {
            var fact = (await ProveAsync(verdict.Generation, cancellationToken)).ToFact();
            if (await writer.TryAppendAfterAsync(head, fact, cancellationToken) is not { } entry)
                return false;
            announced.Add(verdict.Generation.Name);
            head = entry.Head;
        }
        return true;
    }

    /// <summary>All generations but those that have expired, oldest first.</summary>
    private async Task<IReadOnlyList<GenerationFacts>> SurveyAsync(
        ExpiryLedger ledger,
        CancellationToken cancellationToken
    )
    {
        var scrub = await ScrubState.FindAsync(vault.OpenLedger(), ReplicaPlace.Primary, cancellationToken);
        List<GenerationFacts> all = [];
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
            if (ledger.FindExpiry(name) is null)
                all.Add(
                    await LookAtAsync(name, ledger, cancellationToken) with
                    {
                        Damaged = scrub?.CountIn(Vault.PrefixOf(name)) ?? 0,
                    }
                );
        return all;
    }

    private async Task<GenerationFacts> LookAtAsync(
        string name,
        ExpiryLedger ledger,
        CancellationToken cancellationToken
    )
    {
        var (objects, length, newest) = (0, 0L, (DateTimeOffset?)null);
        HashSet<string> streams = [];
        await foreach (var item in vault.Store.ListAsync(Vault.PrefixOf(name), cancellationToken))
        {
            var parts = item.Key[Vault.PrefixOf(name).Length..].Split('/');
            if (parts[0] == "locks")
                continue;
            (objects, length) = (objects + 1, length + item.LengthBytes);
            if (newest is null || item.WrittenAt > newest)
                newest = item.WrittenAt;
            if (parts is ["wal", var asset, ..])
                streams.Add(asset);
        }
        var repository = await vault.TryOpenGenerationAsync(name, cancellationToken);
        return new GenerationFacts(
            name,
            repository is null ? null : await ReadSnapshotsAsync(repository, ledger, cancellationToken),
            objects,
            length,
            newest,
            streams,
            repository is null ? null : await FindUserAsync(repository, cancellationToken)
        );
    }

    /// <summary>The newest moment that ledger or snapshots name: for <see cref="ExpiryClock"/>.</summary>
    private static DateTimeOffset? NewestOf(IReadOnlyList<GenerationFacts> generations, ExpiryLedger ledger) =>
        generations
            .SelectMany(generation => generation.Snapshots ?? [])
            .Select(snapshot => (DateTimeOffset?)snapshot.TakenAt)
            .Append(ledger.NewestAt)
            .Max();

    /// <summary>Generations that have expired, and whose end the ledger does not tell of, or of which something is left.</summary>
    /// <remarks>The ledger decides: a mark alone destroys nothing.</remarks>
    private async Task<IReadOnlyList<string>> ListUnfinishedAsync(
        ExpiryLedger ledger,
        CancellationToken cancellationToken
    )
    {
        List<string> unfinished = [];
        foreach (var name in ledger.Expired)
            if (!ledger.IsDeleted(name) || await HasAnyAsync(name, cancellationToken))
                unfinished.Add(name);
        return unfinished;
    }

    private async Task<bool> HasAnyAsync(string generation, CancellationToken cancellationToken)
    {
        var prefix = Vault.PrefixOf(generation);
        await foreach (var item in vault.Store.ListAsync(prefix, cancellationToken))
            if (item.Key != prefix + Vault.ExpiryMarkName)
                return true;
        return (await ListVersionsAsync(prefix, cancellationToken)).Versions.Count > 0;
    }

    /// <summary>Marks a generation, deletes what is left of it, and tells the ledger.</summary>
    private async Task<ExpiryOutcome> FinishAsync(
        string generation,
        ExpiryLedger ledger,
        LedgerWriter writer,
        CancellationToken cancellationToken
    )
    {
        progress.Stage($"destroying generation {generation}");
        ExpiryMark mark = new(
            generation,
            vault.Host.Time.GetUtcNow(),
            ledger.FindExpiry(generation)?.Hash.Hex ?? throw new System.Diagnostics.UnreachableException(generation)
        );
        await vault.Store.PutAsync(
            Vault.PrefixOf(generation) + Vault.ExpiryMarkName,
            vault.Seal(JsonSerializer.SerializeToUtf8Bytes(mark, ExpiryJson.Default.ExpiryMark)),
            cancellationToken
        );
        var outcome = await DeleteAsync(generation, cancellationToken);
        // A store that keeps what it kept before has nothing new to tell.
        if (outcome.Deleted > 0 || !ledger.IsDeleted(generation))
            await writer.AppendAsync(StreamName.Vault, outcome.ToFact(), cancellationToken);
        return outcome;
    }

    private async Task<ExpiryOutcome> DeleteAsync(string generation, CancellationToken cancellationToken)
    {
        var prefix = Vault.PrefixOf(generation);
        List<string> keys = [];
        await foreach (var item in vault.Store.ListAsync(prefix, cancellationToken))
            if (item.Key != prefix + Vault.ExpiryMarkName)
                keys.Add(item.Key);
        Deletion deletion = new(generation);
        // Keys first: from then on nobody opens the rest, however long it takes or stays.
        foreach (var key in keys.OrderBy(key => IsKey(key, prefix) ? 0 : 1))
            await deletion.TryAsync(key, () => vault.Store.DeleteAsync(key, cancellationToken));
        var (versions, refusal) = await ListVersionsAsync(prefix, cancellationToken);
        if (refusal is not null)
            deletion.Refuse(prefix, refusal);
        // Marks of deletion last, and not those of what a lock keeps: it would be seen again, keys among it.
        foreach (
            var version in versions
                .OrderBy(version => IsKey(version.Key, prefix) ? 0 : 1)
                .ThenBy(version => version.IsMark ? 1 : 0)
        )
            if (!version.IsMark || !deletion.HasRefused(version.Key))
                await deletion.TryAsync(
                    version.Key,
                    () => ((IVersionedStore)vault.Store).DeleteVersionAsync(version, cancellationToken)
                );
        return deletion.Outcome;
    }

    /// <summary>What the store still keeps of objects that are deleted, the mark aside.</summary>
    /// <returns>With why it does not say; null when it does.</returns>
    private async Task<(IReadOnlyList<StoreVersion> Versions, string? Refusal)> ListVersionsAsync(
        string prefix,
        CancellationToken cancellationToken
    )
    {
        List<StoreVersion> versions = [];
        if (vault.Store is not IVersionedStore versioned)
            return (versions, null);
        try
        {
            await foreach (var version in versioned.ListVersionsAsync(prefix, cancellationToken))
                if (version.Key != prefix + Vault.ExpiryMarkName)
                    versions.Add(version);
            return (versions, null);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return ([], e.Problem.What); // credentials that may not look at versions: told with the outcome
        }
    }

    private static bool IsKey(string key, string prefix) =>
        key == prefix + Vault.GenerationKeyName
        || key.StartsWith(prefix + Keys.VaultKeys.Prefix, StringComparison.Ordinal);

    private async Task<ExpiryProof> ProveAsync(GenerationFacts generation, CancellationToken cancellationToken)
    {
        var prefix = Vault.PrefixOf(generation.Name);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<string> keys = [];
        var (objects, length) = (0, 0L);
        await foreach (var item in vault.Store.ListAsync(prefix, cancellationToken))
        {
            var name = item.Key[prefix.Length..];
            if (name.StartsWith("locks/", StringComparison.Ordinal))
                continue;
            digest.AppendData(Encoding.ASCII.GetBytes($"{item.Key} {item.LengthBytes}\n"));
            (objects, length) = (objects + 1, length + item.LengthBytes);
            if (!IsKey(item.Key, prefix))
                continue;
            var bytes = await vault.Store.FindAsync(item.Key, cancellationToken);
            keys.Add(name == Vault.GenerationKeyName ? $"{name} {BlobId.Of(bytes).Hex}" : name);
        }
        return new ExpiryProof
        {
            Generation = generation.Name,
            Objects = objects,
            LengthBytes = length,
            ObjectsDigest = Convert.ToHexStringLower(digest.GetHashAndReset()),
            Keys = keys,
            Snapshots =
            [
                .. (generation.Snapshots ?? []).Select(snapshot => new ExpiryProofSnapshot(
                    snapshot.Id.Hex,
                    snapshot.Asset,
                    snapshot.TakenAt,
                    snapshot.IsVerified
                )),
            ],
            Rules = new ExpiryProofRules(
                (long)rules.PointInTime.TotalSeconds,
                rules.Daily,
                rules.Weekly,
                rules.Monthly,
                rules.VerifiedCopies
            ),
        };
    }

    /// <returns>Null when one of them cannot be read.</returns>
    private static async Task<IReadOnlyList<ExpirySnapshot>?> ReadSnapshotsAsync(
        Repository repository,
        ExpiryLedger ledger,
        CancellationToken cancellationToken
    )
    {
        List<ExpirySnapshot> snapshots = [];
        await foreach (var snapshot in Vault.ListSnapshotsAsync(repository, cancellationToken))
            snapshots.Add(
                new ExpirySnapshot(snapshot.Id, snapshot.Asset ?? "", snapshot.TakenAt, ledger.IsVerified(snapshot.Id))
            );
        var files = 0;
        await foreach (var _ in repository.ListAsync(FileKind.Snapshot, cancellationToken))
            files++;
        return files == snapshots.Count ? snapshots : null;
    }

    /// <summary>Who holds a lock that is not stale.</summary>
    private async Task<string?> FindUserAsync(Repository repository, CancellationToken cancellationToken)
    {
        await foreach (var (id, _) in repository.ListAsync(FileKind.Lock, cancellationToken))
            if (await repository.FindJsonAsync(FileKind.Lock, id, cancellationToken) is { } json)
            {
                var held = LockDocument.Read(json);
                if (!RepositoryLock.IsStale(held, vault.Host))
                    return $"{held.Username}@{held.Hostname}, process {held.Pid}";
            }
        return null;
    }

    /// <summary>Counts what goes and what the store does not let go.</summary>
    private sealed class Deletion(string generation)
    {
        private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
        private int _refusals;

        public ExpiryOutcome Outcome { get; private set; } = new(generation, 0, 0, null, 0);

        public bool HasRefused(string key) => _kept.Contains(key);

        public async Task TryAsync(string key, Func<Task> delete)
        {
            if (_refusals >= MostRefusals)
            {
                Refuse(key, "");
                return;
            }
            try
            {
                await delete();
                _refusals = 0;
                Outcome = Outcome with { Deleted = Outcome.Deleted + 1 };
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                // Under object lock, or without the right: it is counted, told, and tried again by the next run.
                _refusals++;
                Refuse(key, e.Problem.What);
            }
        }

        public void Refuse(string key, string why)
        {
            _kept.Add(key);
            Outcome = Outcome with
            {
                Left = Outcome.Left + 1,
                LeftReason = Outcome.LeftReason ?? why,
                KeysLeft = Outcome.KeysLeft + (IsKey(key, Vault.PrefixOf(generation)) ? 1 : 0),
            };
        }
    }
}
