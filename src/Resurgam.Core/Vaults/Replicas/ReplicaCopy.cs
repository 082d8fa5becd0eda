using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>Brings to one place of a vault what another has and it lacks, byte for byte, without any secret.</summary>
/// <remarks>
/// <para>
/// Names are listed before what they stand on, and copied after it: keys, packs, indexes, snapshots, ledger. So whatever a cut-off
/// copy leaves is a vault in which everything that is listed can be restored; the next one goes on. Nothing that exists is
/// written again. Several copies at once are no harm.
/// </para>
/// <para>
/// What restic names by its SHA-256 is compared with its name on the way; where a name is taken the bytes are compared. A difference
/// is named and left as it is.
/// </para>
/// </remarks>
public sealed class ReplicaCopy(IStore source, IStore target, ReplicaCopySettings settings, IWorkProgress progress)
{
    /// <summary>A writer may merge WAL under our hands; more often in a row than this it is the next copy's.</summary>
    private const int MostPasses = 3;

    private readonly Lock _gate = new();
    private readonly List<ReplicaFinding> _findings = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly List<string> _removedGenerations = [];
    private readonly SortedSet<string> _removedKeys = new(StringComparer.Ordinal);
    private WithdrawnKeys _withdrawn = WithdrawnKeys.None;
    private ExpiryAnswer? _expiry;
    private long _objects;
    private long _placeEntries;
    private long _bytes;
    private long _removed;
    private long _vanished;
    private long _readBack;

    /// <exception cref="Problems.ResurgamException">
    /// <c>replica-other-vault</c>, <c>replica-not-empty-refused</c>, <c>vault-absent</c>; or a store's own.
    /// </exception>
    public async Task<ReplicaCopyResult> RunAsync(CancellationToken cancellationToken)
    {
        await RequireSameVaultAsync(cancellationToken);
        progress.Stage($"comparing {source.Name} and {target.Name}");
        var first = await ReplicaComparison.RunAsync(source, target, cancellationToken);
        if (settings.IsDryRun)
        {
            await ExamineAsync(first, cancellationToken);
            var keys = _withdrawn.ComingOf(first).ToList();
            _objects = first.MissingObjects + keys.Count;
            _bytes = first.MissingBytes + keys.Sum(item => item.LengthBytes);
            return ResultOf(first);
        }

        var comparison = first;
        for (var pass = 1; ; pass++)
        {
            _vanished = 0;
            await CopyAsync(comparison, cancellationToken);
            if (_vanished == 0 || pass == MostPasses)
                break;
            comparison = await ReplicaComparison.RunAsync(source, target, cancellationToken);
        }
        if (settings.ReadsBack)
            await ReadBackAsync(cancellationToken);
        return ResultOf(first);
    }

    /// <summary>
    /// Brings the ledger alone: an entry that tells of a copy is younger than it, and would leave the target behind. A place that was never copied to
    /// gets it with its first copy.
    /// </summary>
    /// <returns>What was not brought: streams that are forked, and what does not go on where the target's end.</returns>
    /// <exception cref="Problems.ResurgamException">As of <see cref="RunAsync"/>.</exception>
    public async Task<IReadOnlyList<ReplicaFinding>> BringLedgerAsync(CancellationToken cancellationToken)
    {
        if (await target.HeadAsync(VaultDescriptor.Key, cancellationToken) is null)
            return [];
        await RequireSameVaultAsync(cancellationToken);
        var comparison = await ReplicaComparison.RunAsync(source, target, LedgerLayout.Prefix, cancellationToken);
        await ExamineAsync(comparison, cancellationToken);
        await CopyLedgerAsync(comparison, cancellationToken);
        // Two branches have entries of different lengths: that is no finding of its own.
        return [.. _findings.Where(finding => finding.Fault != ReplicaFault.Differs || !IsOfRefused(finding.Key))];
    }

    private bool IsOfRefused(string key) =>
        VaultObject.FindLedgerObject(key) switch
        {
            LedgerObject.Single(var stream, _) => _refused.Contains(stream.Value),
            LedgerObject.Segment(var stream, _) => _refused.Contains(stream.Value),
            _ => false,
        };

    private ReplicaCopyResult ResultOf(ReplicaComparison comparison) =>
        new(
            comparison,
            _objects,
            _bytes,
            _removed,
            _removedGenerations,
            [.. _removedKeys],
            _readBack,
            [.. _findings.Distinct().OrderBy(finding => finding.Key, StringComparer.Ordinal)]
        )
        {
            PlaceEntries = _placeEntries,
        };

    private async Task RequireSameVaultAsync(CancellationToken cancellationToken)
    {
        var ours =
            await Vault.FindDescriptorAsync(source, cancellationToken) ?? throw VaultProblems.NoVault(source.Name);
        var theirs = await Vault.FindDescriptorAsync(target, cancellationToken);
        if (theirs is not null && theirs.Id != ours.Id)
            throw ReplicaProblems.OtherVault(target.Name, theirs.Id, ours.Id);
        if (theirs is not null)
            return;
        // Empty, or the beginning of a copy that was cut off: keys of this vault and nothing else.
        await foreach (var item in target.ListAsync("", cancellationToken))
            if (await source.HeadAsync(item.Key, cancellationToken) is null)
                throw ReplicaProblems.NotEmpty(target.Name, item.Key);
    }

    private async Task CopyAsync(ReplicaComparison comparison, CancellationToken cancellationToken)
    {
        await ExamineAsync(comparison, cancellationToken);
        progress.Stage($"copying to {target.Name}");
        progress.Expect(comparison.MissingBytes);
        var root = comparison.Root.Concat(_withdrawn.ComingOf(comparison));
        foreach (var item in root.OrderBy(item => VaultObject.PartOfVault(item.Key)))
            await CopyAsync(item, cancellationToken);
        foreach (var (name, generation) in comparison.Generations.Reverse()) // the newest is wanted first
            if (generation.IsInSource && !_refused.Contains(name))
                await CopyGenerationAsync(name, generation, cancellationToken);
        await CopyAllAsync(comparison.Other, cancellationToken);
        await CopyLedgerAsync(comparison, cancellationToken);
        await RemoveCoveredAsync(comparison, cancellationToken);
        await RemoveExpiredAsync(comparison, cancellationToken);
        await RemoveWithdrawnAsync(comparison, cancellationToken);
    }

    /// <summary>What must not be mixed: generations with two keys, streams with two ends; and whose bytes are wrong where lengths differ.</summary>
    private async Task ExamineAsync(ReplicaComparison comparison, CancellationToken cancellationToken)
    {
        foreach (var finding in comparison.Findings)
            Add(await JudgeAsync(finding, cancellationToken));
        if (
            comparison.OnlyInTarget.Count > 0
            || comparison.Marked.Count > 0
            || (comparison.IsBegun && comparison.OnlyInSource.Count > 0)
        )
            _expiry ??= settings.FindExpired is { } find ? await find(cancellationToken) : null;
        RefuseExpired(comparison);
        foreach (var (name, generation) in comparison.Generations)
        {
            if (!generation.IsInSource || !generation.IsInTarget)
                continue;
            // A config that was lost is made anew, and is another one then; the key alone tells two generations apart.
            var prefix = $"{VaultObject.GenerationsPrefix}{name}";
            if (await IsEqualAsync($"{prefix}/{Vault.GenerationKeyName}", cancellationToken))
                continue;
            _refused.Add(name);
            Add(
                new ReplicaFinding(
                    ReplicaFault.OtherGeneration,
                    prefix,
                    $"its {Vault.GenerationKeyName} is another one in {target.Name}: both places made this generation"
                )
            );
        }
        _withdrawn = await WithdrawnKeys.ReadAsync(
            source,
            target,
            comparison,
            settings.FindWithdrawn,
            cancellationToken
        );
        foreach (var id in comparison.WithdrawnInSource.Where(_withdrawn.Contains))
            Add(StillOpens(id, source.Name, "it was not copied; copy to that place to take it away"));
        if (settings.IsDryRun)
            foreach (var id in comparison.WithdrawnInTarget)
                Add(StillOpens(id, target.Name, "a copy takes it away"));
        ForkSearch search = new(comparison, source, target, settings.Ends);
        await search.RunAsync(cancellationToken);
        foreach (var (stream, seq) in search.Forks)
        {
            _refused.Add(stream.Value);
            Add(
                new ReplicaFinding(
                    ReplicaFault.Forked,
                    stream.Value,
                    $"from entry {seq} on it goes one way in {source.Name} and another in {target.Name}"
                )
            );
        }
        if (settings.IsSourceLeading)
            foreach (var stream in await comparison.FindAheadAsync(source, cancellationToken))
                if (!_refused.Contains(stream.Value))
                    Add(
                        new ReplicaFinding(
                            ReplicaFault.Ahead,
                            stream.Value,
                            $"{target.Name} was written to on its own, and its ledger goes on there: copy from it before anything else is written here"
                        )
                    );
    }

    /// <summary>One of the two let it go: what is left in the other comes no more. Where a ledger cannot be read the mark alone counts for that.</summary>
    private void RefuseExpired(ReplicaComparison comparison)
    {
        if (_expiry is not { } expiry)
            return;
        foreach (var ledger in expiry.Unread)
            Add(ExpiryFindings.Unread(ledger));
        foreach (var (name, generation) in comparison.Generations)
            if (expiry.Expired.Contains(name))
            {
                if (generation.IsMarked || !generation.IsInTarget)
                    _refused.Add(name);
            }
            else if (!expiry.IsWhole && generation is { IsMarked: true, IsInSource: true })
            {
                _refused.Add(name);
                Add(ExpiryFindings.Marked(name));
            }
    }

    /// <returns>True also when it is not in both.</returns>
    private async Task<bool> IsEqualAsync(string key, CancellationToken cancellationToken)
    {
        var here = await source.FindAsync(key, cancellationToken);
        if (here is null)
            return true;
        var there = await target.FindAsync(key, cancellationToken);
        return there is null || here.AsSpan().SequenceEqual(there);
    }

    /// <summary>Two lengths under one name: where the name is a hash it tells whose bytes are wrong.</summary>
    private async Task<ReplicaFinding> JudgeAsync(ReplicaFinding finding, CancellationToken cancellationToken)
    {
        if (!VaultObject.TryNamedHash(finding.Key, out var hash))
            return finding;
        var here = await source.FindAsync(finding.Key, cancellationToken);
        var isSound = here is not null && BlobId.Of(here) == hash;
        return finding with { Fault = isSound ? ReplicaFault.DamagedInTarget : ReplicaFault.DamagedInSource };
    }

    private async Task CopyGenerationAsync(
        string name,
        GenerationDifference generation,
        CancellationToken cancellationToken
    )
    {
        foreach (var item in generation.Keys.OrderBy(item => VaultObject.PartOfVault(item.Key)))
            if (!await _withdrawn.IsOneOfTheirsAsync(item.Key, cancellationToken))
                await CopyAsync(item, cancellationToken);
        var packs =
            generation.MissingPacks > 0 || generation.Index.Count > 0
                ? CopyAllAsync(ListMissingPacksAsync(name, cancellationToken), cancellationToken)
                : Task.CompletedTask;
        // One after the other: a reader takes a hole in the WAL for damage, and its end for the end.
        await Task.WhenAll(packs, CopyInOrderAsync(generation.Wal, cancellationToken));
        await CopyAllAsync(generation.Index, cancellationToken);
        await CopyAllAsync(generation.Snapshots, cancellationToken);
    }

    /// <summary>Listed anew, after the indexes: whatever those name is in it.</summary>
    private async IAsyncEnumerable<StoreObject> ListMissingPacksAsync(
        string generation,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var prefix = $"{VaultObject.GenerationsPrefix}{generation}/data/";
        await foreach (var (here, there) in ListingJoin.RunAsync(source, target, prefix, cancellationToken))
            if (here is not null && there is null)
                yield return here;
    }

    private async Task CopyLedgerAsync(ReplicaComparison comparison, CancellationToken cancellationToken)
    {
        foreach (var item in comparison.StrayLedger)
            if (settings.OpenLedger is null)
                await CopyAsync(item, cancellationToken);
            else
                Add(new ReplicaFinding(ReplicaFault.DamagedInSource, item.Key, "it is no object of the ledger"));
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = settings.Workers,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            comparison.Streams.Where(pair => pair.Key != StreamName.Vault),
            parallel,
            async (pair, token) => await CopyStreamAsync(pair.Key, pair.Value, token)
        );
        // Its anchors name the heads of the others.
        if (comparison.Streams.TryGetValue(StreamName.Vault, out var vault))
            await CopyStreamAsync(StreamName.Vault, vault, cancellationToken);
    }

    private async Task CopyStreamAsync(
        StreamName stream,
        StreamDifference difference,
        CancellationToken cancellationToken
    )
    {
        if (_refused.Contains(stream.Value))
            return;
        var (missing, tag) = (difference.MissingInOrder, difference.MissingTag);
        if ((missing is [var first, ..] ? first : tag) is not { } next)
            return;
        StreamGate? gate = null;
        try
        {
            if (settings.OpenLedger is { } open)
                gate = await StreamGate.OpenAsync(open(target), stream, cancellationToken);
        }
        catch (Problems.ResurgamException e) when (e.Problem.Remedy == Problems.Remedy.Fix)
        {
            Add(new ReplicaFinding(ReplicaFault.DamagedInTarget, next.Key, e.Problem.What));
            return;
        }
        if (gate is null && tag is not null)
            await CopyAsync(tag, cancellationToken);
        foreach (var item in missing)
            if (!await CopyAsync(item, cancellationToken, gate))
                break; // nothing goes behind what is not there, or is another one
        if (gate is { HasEntries: true } && tag is { LengthBytes: 0 })
            await CopyAsync(tag, cancellationToken); // a stream that somebody without the key made up is none
    }

    private async Task CopyInOrderAsync(IReadOnlyList<StoreObject> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
            await CopyAsync(item, cancellationToken);
    }

    private Task CopyAllAsync(IReadOnlyList<StoreObject> items, CancellationToken cancellationToken) =>
        CopyAllAsync(items.ToAsyncEnumerable(), cancellationToken);

    private async Task CopyAllAsync(IAsyncEnumerable<StoreObject> items, CancellationToken cancellationToken)
    {
        using ByteBudget budget = new(settings.MemoryBytes);
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = settings.Workers,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            budget.LetInAsync(items, cancellationToken),
            parallel,
            async (item, token) =>
            {
                await CopyAsync(item, token);
                budget.Return(item.LengthBytes);
            }
        );
    }

    /// <returns>False when the target has not these bytes now: they are damaged, have vanished, or others are there.</returns>
    private async Task<bool> CopyAsync(StoreObject item, CancellationToken cancellationToken, StreamGate? gate = null)
    {
        var length = checked((int)item.LengthBytes);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = buffer.AsMemory(0, length);
            var read = await source.ReadAsync(item.Key, 0, bytes, cancellationToken);
            if (read < 0)
            {
                Interlocked.Increment(ref _vanished); // merged or expired since it was listed
                return false;
            }
            var fault = FaultOf(item.Key, bytes[..read], length);
            if (fault is null && gate is not null)
                fault = await gate.FindFaultAsync(item.Key, bytes, cancellationToken);
            if (fault is not null)
            {
                Add(new ReplicaFinding(ReplicaFault.DamagedInSource, item.Key, fault));
                return false;
            }
            var isThere = true;
            if (await target.PutAsync(item.Key, bytes, cancellationToken))
            {
                Interlocked.Increment(ref _objects);
                Interlocked.Add(ref _bytes, length);
                if (VaultObject.IsOfPlace(item.Key))
                    Interlocked.Increment(ref _placeEntries);
            }
            else
                isThere = await IsThereAsync(item.Key, bytes, cancellationToken);
            progress.Add(length);
            return isThere;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? FaultOf(string key, ReadOnlyMemory<byte> bytes, int listedBytes)
    {
        if (bytes.Length < listedBytes)
            return $"it was listed with {listedBytes} bytes and has {bytes.Length}";
        return VaultObject.IsNamedOtherwise(key, bytes.Span) ? "its bytes do not match its name" : null;
    }

    /// <summary>The name was taken although it was not listed: another copy is at work, or a listing is late.</summary>
    private async Task<bool> IsThereAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var there = await target.FindAsync(key, cancellationToken);
        if (there is null || there.AsSpan().SequenceEqual(bytes.Span))
            return there is not null;
        Add(
            VaultObject.TryNamedHash(key, out _)
                ? new ReplicaFinding(ReplicaFault.DamagedInTarget, key, "its bytes do not match its name")
                : new ReplicaFinding(ReplicaFault.Differs, key, "its bytes are others in the two places")
        );
        return false;
    }

    private async Task RemoveCoveredAsync(ReplicaComparison comparison, CancellationToken cancellationToken)
    {
        foreach (var (key, cover) in comparison.CoveredWal)
        {
            if (
                _refused.Contains(VaultObject.GenerationOf(key))
                || await target.HeadAsync(cover, cancellationToken) is null
            )
                continue;
            if (!await TryRemoveAsync(key, cancellationToken))
                break; // a store under object lock refuses each of them: what is covered may stay
        }
    }

    private async Task RemoveExpiredAsync(ReplicaComparison comparison, CancellationToken cancellationToken)
    {
        foreach (var (name, generation) in comparison.Generations)
        {
            if (!generation.IsInTarget || (generation.IsInSource && !generation.IsMarkedInSource))
                continue;
            if (_expiry?.Expired.Contains(name) == true)
            {
                progress.Stage($"removing generation {name} from {target.Name}");
                if (await RemoveGenerationAsync(name, cancellationToken))
                    _removedGenerations.Add(name);
            }
            // Marked, and nobody can ask the ledger whether that is true: nothing goes, and it is no finding.
            else if (!generation.IsInSource && (_expiry is not null || !generation.IsMarkedInSource))
                Add(ExpiryFindings.Unexplained(_expiry, name, generation, source, target));
        }
    }

    /// <summary>Its keys first: the rest is noise from then on. The mark stays.</summary>
    private async Task<bool> RemoveGenerationAsync(string generation, CancellationToken cancellationToken)
    {
        var prefix = $"{VaultObject.GenerationsPrefix}{generation}/";
        foreach (var part in (string[])["resurgam.key", "keys/", "snapshots/", "index/", "wal/", "data/", ""])
        await foreach (var item in target.ListAsync(prefix + part, cancellationToken))
            if (!VaultObject.IsExpiryMark(item.Key) && !await TryRemoveAsync(item.Key, cancellationToken))
            {
                Add(
                    new ReplicaFinding(
                        ReplicaFault.NotRemoved,
                        item.Key,
                        $"the ledger says that generation {generation} is expired, and {target.Name} refuses to delete"
                    )
                );
                return false;
            }
        return true;
    }

    /// <summary>After the keys that stay have come.</summary>
    private async Task RemoveWithdrawnAsync(ReplicaComparison comparison, CancellationToken cancellationToken)
    {
        var found = await WithdrawnKeyFiles.FindOpeningAsync(target, comparison.Withdrawn, cancellationToken);
        foreach (var file in found.Where(file => file.IsUnseen))
            Add(
                new ReplicaFinding(
                    ReplicaFault.UnseenVersions,
                    file.File,
                    $"nobody can tell whether {target.Name} keeps older versions of withdrawn keys' files: {file.How}"
                )
            );
        var opening = found.Where(file => !file.IsUnseen).ToList();
        if (opening.Count == 0 && !comparison.HasWithdrawnFiles)
            return;
        progress.Stage($"taking withdrawn keys from {target.Name}");
        var done = settings.FinishWithdrawals is { } finish ? await finish(cancellationToken) : null;
        if (done is null)
        {
            foreach (var file in opening)
                Add(StillOpens(file.Id, target.Name, $"{file.How}; a copy with the vault's secret takes it away"));
            return;
        }
        _removedKeys.UnionWith(done.Removed);
        Interlocked.Add(ref _removed, done.Files);
        foreach (var file in opening)
            if (!done.Removed.Contains(file.Id) && done.Remains.All(remains => remains.Id != file.Id))
                Add(StillOpens(file.Id, target.Name, "its mark is not of this vault, and nothing was taken"));
        foreach (var file in done.Remains.Where(file => !file.IsUnseen))
            Add(
                file.Until is { } until
                    ? StillOpens(
                        file.Id,
                        target.Name,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{file.File} stays until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: {file.How}"
                        )
                    ) with
                    {
                        Fault = ReplicaFault.LockedKey,
                    }
                    : StillOpens(file.Id, target.Name, $"{file.File} stays: {file.How}")
            );
    }

    private static ReplicaFinding StillOpens(string id, string place, string how) =>
        new(ReplicaFault.WithdrawnKey, VaultKeys.Prefix + id, $"the key is withdrawn and still opens {place}: {how}");

    private async Task<bool> TryRemoveAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await target.DeleteAsync(key, cancellationToken);
            Interlocked.Increment(ref _removed);
            return true;
        }
        catch (Problems.ResurgamException e) when (e.Problem.Remedy == Problems.Remedy.Fix)
        {
            return false; // an object lock, or credentials that may only write: the caller says what that means
        }
    }

    private async Task ReadBackAsync(CancellationToken cancellationToken)
    {
        progress.Stage($"reading {target.Name} back");
        using ByteBudget budget = new(settings.MemoryBytes);
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = settings.Workers,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            budget.LetInAsync(target.ListAsync("", cancellationToken), cancellationToken),
            parallel,
            async (item, token) =>
            {
                if (!VaultObject.IsPassing(item.Key))
                    await ReadBackAsync(item, token);
                budget.Return(item.LengthBytes);
            }
        );
    }

    private async Task ReadBackAsync(StoreObject item, CancellationToken cancellationToken)
    {
        var length = checked((int)item.LengthBytes);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = buffer.AsMemory(0, length);
            var read = await target.ReadAsync(item.Key, 0, bytes, cancellationToken);
            if (read < 0)
                return; // removed meanwhile
            Interlocked.Add(ref _readBack, read);
            progress.Add(read);
            if (FaultOf(item.Key, bytes[..read], length) is { } fault)
                Add(new ReplicaFinding(ReplicaFault.DamagedInTarget, item.Key, fault));
            else if (
                !VaultObject.TryNamedHash(item.Key, out _)
                && VaultObject.PartOfVault(item.Key) != VaultPart.Config // one that was made anew serves as well
                && await source.FindAsync(item.Key, cancellationToken) is { } here
                && !bytes.Span.SequenceEqual(here)
            )
                Add(new ReplicaFinding(ReplicaFault.Differs, item.Key, "its bytes are others in the two places"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Add(ReplicaFinding finding)
    {
        lock (_gate)
            _findings.Add(finding);
    }
}
