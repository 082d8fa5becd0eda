using System.Collections.Concurrent;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>What became of a damaged object.</summary>
public enum HealOutcome
{
    /// <summary>Replaced by a whole copy; in a dry run, one was found.</summary>
    Healed,

    /// <summary>Made anew, for all that is in it is known: a guide, a repository's config.</summary>
    Remade,

    /// <summary>No other place has a whole copy, and the store no older version that is whole.</summary>
    NoCopy,

    /// <summary>The store does not let go of the damaged one.</summary>
    Refused,
}

/// <param name="How">What was wrong, and for a failure why it stays so.</param>
/// <param name="From">The place whose copy it has now, or the words for an older version in its own store; null when it has none.</param>
public sealed record HealedObject(string Key, HealOutcome Outcome, string How, string? From);

public sealed record VaultHealResult(long Objects, long BytesRead, IReadOnlyList<HealedObject> Damaged);

/// <summary>Reads everything in one place of a vault and replaces what is damaged by whole copies from the others, or by an older version that its store keeps.</summary>
/// <remarks>
/// The whole copy is in hand and checked before the damaged one goes: the one case in which an object of a vault is replaced. Cut off
/// between the two, the object is missing, and the next run or <see cref="ReplicaCopy"/> brings it.
/// </remarks>
/// <param name="patient">The place that is healed.</param>
/// <param name="others">Places to take copies from, best first.</param>
/// <param name="vault">Opened in any of them: knows what is whole.</param>
public sealed class VaultHeal(IStore patient, IReadOnlyList<IStore> others, Vault vault, IWorkProgress progress)
    : IDisposable
{
    private const string OlderVersion = "an older version in it";

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

    /// <summary>What can be made anew and is not there. All else that is missing is a copy's work.</summary>
    private async Task HealMissingAsync(bool isDryRun, CancellationToken cancellationToken)
    {
        if (vault.Descriptor is null)
            return;
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
        var (copy, from) = await FindCopyAsync(key, cancellationToken);
        if (copy is null)
            (copy, from) = (await RemakeAsync(key, cancellationToken), null);
        var how = fault ?? "it is missing";
        if (copy is null)
            return new HealedObject(key, HealOutcome.NoCopy, how, From: null);
        HealedObject healed = new(key, from is null ? HealOutcome.Remade : HealOutcome.Healed, how, from);
        if (isDryRun)
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
        await patient.PutAsync(key, copy, CancellationToken.None);
        return healed;
    }

    private async Task<(byte[]? Copy, string? From)> FindCopyAsync(string key, CancellationToken cancellationToken)
    {
        foreach (var other in others)
            if (
                await other.FindAsync(key, cancellationToken) is { } copy
                && await _check.FindFaultAsync(key, copy, cancellationToken) is null
            )
                return (copy, other.Name);
        return (await FindOlderAsync(key, cancellationToken), OlderVersion);
    }

    /// <summary>Where versions are kept who overwrites an object only hides it, and under object lock nobody can do more.</summary>
    private async Task<byte[]?> FindOlderAsync(string key, CancellationToken cancellationToken)
    {
        if (patient is not IVersionedStore versioned)
            return null;
        try
        {
            await foreach (var version in versioned.ListVersionsAsync(key, cancellationToken))
                if (
                    version.Key == key
                    && await versioned.FindVersionAsync(version, cancellationToken) is { } bytes
                    && await _check.FindFaultAsync(key, bytes, cancellationToken) is null
                )
                    return bytes;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return null; // the credentials may not look at versions: as if there were none
        }
        return null;
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
}
