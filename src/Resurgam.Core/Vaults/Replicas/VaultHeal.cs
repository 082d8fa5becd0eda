using System.Collections.Concurrent;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>What became of a damaged object.</summary>
public enum HealOutcome
{
    /// <summary>Replaced by a whole copy; in a dry run, one was found.</summary>
    Healed,

    /// <summary>Made anew, for all that is in it is known: a guide, a repository's config.</summary>
    Remade,

    /// <summary>No other place has a whole copy, and no older version that is whole is seen in the store.</summary>
    NoCopy,

    /// <summary>The store does not let go of the damaged one.</summary>
    Refused,
}

/// <param name="How">What was wrong, and for a failure why it stays so.</param>
/// <param name="From">The place whose copy it has now, or the words for an older version in its own store; null when it has none.</param>
public sealed record HealedObject(string Key, HealOutcome Outcome, string How, string? From)
{
    /// <summary>Without a whole copy: why older versions of it could not be looked at; null when there are none that are whole.</summary>
    public string? Unseen { get; init; }
}

public sealed record VaultHealResult(long Objects, long BytesRead, IReadOnlyList<HealedObject> Damaged);

/// <summary>Reads everything in one place of a vault and replaces what is damaged by whole copies from the others, or by an older version that its store keeps.</summary>
/// <remarks>
/// The whole copy is in hand and checked before the damaged one goes: the one case in which an object of a vault is replaced. Cut off
/// between the two, the object is missing, and <see cref="ReplicaCopy"/> brings it, or the next run where an older version is the only copy. That one becomes
/// the object again in one step, by deleting the damaged version, unless the store keeps it.
/// </remarks>
/// <param name="patient">The place that is healed.</param>
/// <param name="others">Places to take copies from, best first.</param>
/// <param name="vault">Opened in any of them: knows what is whole.</param>
public sealed class VaultHeal(IStore patient, IReadOnlyList<IStore> others, Vault vault, IWorkProgress progress)
    : IDisposable
{
    private const string OlderVersionName = "an older version in it";

    private readonly ObjectCheck _check = new(vault);
    private readonly Lock _gate = new();
    private readonly List<HealedObject> _damaged = [];
    private readonly ConcurrentDictionary<string, bool> _remakable = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _generations = new(StringComparer.Ordinal);
    private long _objects;
    private long _bytes;

    public async Task<VaultHealResult> RunAsync(bool isDryRun, CancellationToken cancellationToken)
    {
        progress.Stage($"reading {patient.Name}");
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = Math.Max(2, vault.Host.Workers),
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            patient.ListAsync("", cancellationToken),
            parallel,
            async (item, token) =>
            {
                if (VaultObject.IsPassing(item.Key))
                    return;
                Note(item.Key);
                await HealAsync(item, isDryRun, token);
            }
        );
        await HealMissingAsync(isDryRun, cancellationToken);
        return new VaultHealResult(
            _objects,
            _bytes,
            [.. _damaged.OrderBy(damaged => damaged.Key, StringComparer.Ordinal)]
        );
    }

    public void Dispose() => _check.Dispose();

    private void Note(string key)
    {
        switch (VaultObject.PartOfVault(key))
        {
            case VaultPart.Packs or VaultPart.Index or VaultPart.Snapshots or VaultPart.Wal:
                _generations[VaultObject.GenerationOf(key)] = true;
                break;
            case VaultPart.Config:
                _remakable[key] = true;
                break;
            default:
                if (RestoreGuide.IsGuide(key))
                    _remakable[key] = true;
                break;
        }
    }

    /// <summary>What is hidden and can be uncovered, and what can be made anew and is not there. All else that is missing is a copy's work.</summary>
    private async Task HealMissingAsync(bool isDryRun, CancellationToken cancellationToken)
    {
        if (vault.Descriptor is null)
            return;
        if (patient is IVersionedStore versioned)
            await HealHiddenAsync(new OlderVersions(versioned, _check), isDryRun, cancellationToken);
        List<string> wanted = [RestoreGuide.Name];
        foreach (var name in _generations.Keys.Where(name => name.Length > 0).Order(StringComparer.Ordinal))
            if (!await vault.IsExpiredAsync(name, cancellationToken))
            {
                wanted.Add($"{Vault.GenerationsPrefix}{name}/{Repository.ConfigName}");
                wanted.Add($"{Vault.GenerationsPrefix}{name}/{RestoreGuide.Name}");
            }
        foreach (var key in wanted.Where(key => !_remakable.ContainsKey(key)))
            Add(await HealAsync(key, fault: null, isDryRun, cancellationToken));
    }

    /// <summary>What somebody deleted, or a heal that was cut off, where the store keeps it as a version.</summary>
    private async Task HealHiddenAsync(OlderVersions versions, bool isDryRun, CancellationToken cancellationToken)
    {
        // Listed before marks of expiry and larger WAL are looked for: those are there before anything goes because of them.
        foreach (
            var generation in (await versions.ListHiddenAsync(cancellationToken))
                .GroupBy(VaultObject.GenerationOf, StringComparer.Ordinal)
                .ToList()
        )
        {
            if (await IsExpiredAsync(generation.Key, cancellationToken))
                continue;
            var wal = generation.ToLookup(key => VaultObject.PartOfVault(key) == VaultPart.Wal);
            // The generation's key first: what follows is read with it.
            foreach (var key in wal[false].OrderBy(VaultObject.PartOfVault))
                await HealHiddenAsync(key, isDryRun, cancellationToken);
            await HealHiddenWalAsync(generation.Key, [.. wal[true]], isDryRun, cancellationToken);
        }
    }

    /// <returns>Whether it is there again.</returns>
    private async Task<bool> HealHiddenAsync(string key, bool isDryRun, CancellationToken cancellationToken)
    {
        var healed = await HealAsync(key, fault: null, isDryRun, cancellationToken);
        var isThere = healed.Outcome == HealOutcome.Healed;
        if (isThere || healed.Unseen is not null)
            Add(healed); // else it was never whole
        if (isThere)
            Note(key);
        return isThere;
    }

    /// <summary>WAL that was merged was deleted with good reason: only what no object holds any more comes back.</summary>
    private async Task HealHiddenWalAsync(
        string generation,
        IReadOnlyList<string> hidden,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        if (hidden.Count == 0)
            return;
        Dictionary<string, List<WalObjectName>> there = new(StringComparer.Ordinal);
        await foreach (var item in patient.ListAsync($"{Vault.PrefixOf(generation)}wal/", cancellationToken))
            if (VaultObject.TryWalName(item.Key, out var folder, out var name))
                Add(there, folder, name);
        var coverage = there.ToDictionary(
            pair => pair.Key,
            pair => new WalCoverage(pair.Value),
            StringComparer.Ordinal
        );
        foreach (var key in hidden.OrderByDescending(LengthOf))
        {
            if (!VaultObject.TryWalName(key, out var folder, out var name))
            {
                await HealHiddenAsync(key, isDryRun, cancellationToken); // a history
                continue;
            }
            if (coverage.GetValueOrDefault(folder)?.EndOf(name.Timeline, name.Start) >= name.End)
                continue;
            if (!await HealHiddenAsync(key, isDryRun, cancellationToken))
                continue;
            Add(there, folder, name);
            coverage[folder] = new WalCoverage(there[folder]);
        }
    }

    private static void Add(Dictionary<string, List<WalObjectName>> all, string folder, WalObjectName name)
    {
        if (!all.TryGetValue(folder, out var names))
            all[folder] = names = [];
        names.Add(name);
    }

    private static long LengthOf(string walKey) =>
        VaultObject.TryWalName(walKey, out _, out var name) ? name.LengthBytes : 0;

    /// <summary>By the word of the place that the vault was opened in, or of the one that is healed.</summary>
    private async Task<bool> IsExpiredAsync(string generation, CancellationToken cancellationToken)
    {
        if (await vault.IsExpiredAsync(generation, cancellationToken))
            return true;
        var key = Vault.PrefixOf(generation) + Vault.ExpiryMarkName;
        return await patient.FindAsync(key, cancellationToken) is { } mark
            && await _check.FindFaultAsync(key, mark, cancellationToken) is null;
    }

    private async Task HealAsync(StoreObject item, bool isDryRun, CancellationToken cancellationToken)
    {
        if (await patient.FindAsync(item.Key, cancellationToken) is not { } bytes)
            return; // merged, joined or expired since it was listed
        Interlocked.Increment(ref _objects);
        Interlocked.Add(ref _bytes, bytes.Length);
        progress.Add(bytes.Length);
        if (await _check.FindFaultAsync(item.Key, bytes, cancellationToken) is not { } fault)
            return;
        Add(await HealAsync(item.Key, fault, isDryRun, cancellationToken));
    }

    private void Add(HealedObject healed)
    {
        lock (_gate)
            _damaged.Add(healed);
    }

    /// <param name="fault">Null: it is missing.</param>
    private async Task<HealedObject> HealAsync(
        string key,
        string? fault,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var how = fault ?? "it is missing";
        var (copy, unseen) = await FindCopyAsync(key, cancellationToken);
        if (copy is null)
            return unseen is null
                ? new HealedObject(key, HealOutcome.NoCopy, how, From: null)
                : new HealedObject(
                    key,
                    HealOutcome.NoCopy,
                    $"{how}; whether an older version is whole nobody can tell: {unseen.What}",
                    From: null
                )
                {
                    Unseen = unseen.What,
                };
        HealedObject healed = new(key, copy.From is null ? HealOutcome.Remade : HealOutcome.Healed, how, copy.From);
        if (isDryRun || await TryUncoverAsync(key, copy, cancellationToken))
            return healed;
        try
        {
            if (fault is not null)
                await patient.DeleteAsync(key, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return new HealedObject(key, HealOutcome.Refused, $"{how}; {e.Problem.What}", From: null);
        }
        // From here on the object is missing: a Ctrl-C must not leave it so.
        await patient.PutAsync(key, copy.Bytes, CancellationToken.None);
        return healed;
    }

    private async Task<bool> TryUncoverAsync(string key, Copy copy, CancellationToken cancellationToken) =>
        copy.Older is not null
        && patient is IVersionedStore versioned
        && await new OlderVersions(versioned, _check).TryUncoverAsync(key, copy.Older, patient, cancellationToken);

    /// <returns>With why older versions could not be looked at, when that was tried.</returns>
    private async Task<(Copy? Copy, Problem? Unseen)> FindCopyAsync(string key, CancellationToken cancellationToken)
    {
        foreach (var other in others)
            if (
                await other.FindAsync(key, cancellationToken) is { } copy
                && await _check.FindFaultAsync(key, copy, cancellationToken) is null
            )
                return (new Copy(copy, other.Name), null);
        // Where versions are kept who overwrites an object only hides it, and under object lock nobody can do more.
        var search = patient is IVersionedStore versioned
            ? await new OlderVersions(versioned, _check).FindAsync(key, cancellationToken)
            : null;
        if (search?.Found is { } older)
            return (new Copy(older.Bytes, OlderVersionName, older), null);
        return await RemakeAsync(key, cancellationToken) is { } made
            ? (new Copy(made, From: null), null)
            : (null, search?.Unseen);
    }

    private async Task<byte[]?> RemakeAsync(string key, CancellationToken cancellationToken)
    {
        if (RestoreGuide.IsGuide(key))
            return RestoreGuide.Utf8.ToArray();
        if (VaultObject.PartOfVault(key) != VaultPart.Config)
            return null;
        var generation = await _check.FindKeyAsync(key, cancellationToken);
        return generation is null ? null : Repository.NewConfig(generation, vault.Host.Entropy);
    }

    /// <param name="Bytes">Whole.</param>
    /// <param name="From">Null when it was made anew.</param>
    /// <param name="Older">When it is a version that the patient itself keeps.</param>
    private sealed record Copy(byte[] Bytes, string? From, OlderVersion? Older = null);
}
