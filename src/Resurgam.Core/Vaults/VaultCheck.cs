using System.Collections.Concurrent;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Core.Vaults;

/// <param name="Subject">A key of the store, or a snapshot and path.</param>
/// <param name="How">What is wrong, in words.</param>
public sealed record VaultDamage(string Subject, string How);

/// <param name="UnusedPacks">Packs that no index names: left by a backup that was cut off; harmless.</param>
public sealed record VaultCheckResult(
    int Generations,
    int Snapshots,
    int Packs,
    long Blobs,
    long BytesRead,
    int UnusedPacks,
    IReadOnlyList<VaultDamage> Damage
);

/// <summary>Checks that every snapshot can be restored: its trees, its blobs, its packs; with their data when asked to.</summary>
/// <remarks>Goes on after damage, so that all of it is named. What is checked is what stock restic's check checks, and lengths.</remarks>
public sealed class VaultCheck(Vault vault, IWorkProgress progress)
{
    private readonly Lock _gate = new();
    private readonly List<VaultDamage> _damage = [];
    private int _snapshots;
    private int _packs;
    private int _unused;
    private long _blobs;
    private long _bytesRead;

    /// <summary>What is in no index that could be read, while one of the generation could not be: it may well be in a pack. Null while all could.</summary>
    private int? _hidden;

    public async Task<VaultCheckResult> RunAsync(bool readData, CancellationToken cancellationToken)
    {
        await CheckKeysAsync("", cancellationToken);
        await CheckGuideAsync("", cancellationToken);
        if (vault.HasLostKey && _damage.Count == 0)
            _damage.Add(new VaultDamage(VaultDescriptor.Key, "it names another key than the files in keys/ hold"));
        if (vault.HasForeignSigningKey)
            _damage.Add(new VaultDamage(VaultDescriptor.Key, "it names another signing key than the vault's own"));
        var names = await vault.ListGenerationsAsync(cancellationToken);
        foreach (var name in names)
            await TryAsync(
                name.Length == 0 ? vault.Store.Name : $"generations/{name}",
                async () =>
                    await CheckAsync(
                        await vault.OpenGenerationAsync(name, cancellationToken),
                        readData,
                        cancellationToken
                    )
            );
        return new VaultCheckResult(
            names.Count,
            _snapshots,
            _packs,
            _blobs,
            _bytesRead,
            _unused,
            [.. _damage.OrderBy(damage => damage.Subject, StringComparer.Ordinal)]
        );
    }

    private async Task CheckAsync(Repository repository, bool readData, CancellationToken cancellationToken)
    {
        progress.Stage($"checking {repository.Name}");
        if (repository.Prefix.Length > 0)
        {
            await CheckKeysAsync(repository.Prefix, cancellationToken);
            await CheckGuideAsync(repository.Prefix, cancellationToken);
        }
        var config = repository.Prefix + Repository.ConfigName;
        await TryAsync(config, () => repository.CheckConfigAsync(cancellationToken));
        List<SnapshotEntry> snapshots = [];
        await foreach (var (id, file) in repository.ListAsync(FileKind.Snapshot, cancellationToken))
            await TryAsync(
                file.Key,
                async () =>
                {
                    var json = await repository.FindJsonAsync(FileKind.Snapshot, id, cancellationToken);
                    if (json is not null)
                        snapshots.Add(new SnapshotEntry(repository, id, SnapshotDocument.Read(json)));
                }
            );
        _snapshots += snapshots.Count;
        ConcurrentDictionary<string, string> broken = [];
        await repository.ReadIndexesAsync((key, read) => TryAsync(read, how => broken[key] = how), cancellationToken);
        _hidden = broken.IsEmpty ? null : 0;
        _blobs += repository.Index.BlobCount;
        var packs = await CheckPacksAsync(repository, cancellationToken);
        await CheckTreesAsync(repository, snapshots, cancellationToken);
        foreach (var (key, how) in broken)
            Add(
                key,
                $"{how}; {_hidden} files and folders of snapshots cannot be looked at or restored without it: 'resurgam vault heal' brings it back where another place has it, else 'restic rebuild-index' makes it anew from the packs"
            );
        if (readData)
            await ReadPacksAsync(repository, packs, cancellationToken);
    }

    /// <summary>Key files are compared with their names: a secret that opens one today does not prove the others.</summary>
    private async Task CheckKeysAsync(string prefix, CancellationToken cancellationToken)
    {
        if (prefix.Length > 0)
            await TryAsync(prefix, () => vault.CheckGenerationKeyAsync(prefix.Split('/')[1], cancellationToken));
        var count = 0;
        await foreach (var file in vault.Store.ListAsync(prefix + "keys/", cancellationToken))
        {
            count++;
            var bytes = await vault.Store.FindAsync(file.Key, cancellationToken);
            if (bytes is not null && !file.Key.EndsWith(BlobId.Of(bytes).Hex, StringComparison.Ordinal))
                Add(file.Key, "its bytes do not match its name");
        }
        if (count == 0)
            Add(prefix + "keys/", "there is no key file");
        if (prefix.Length == 0)
            await CheckKeyRecordsAsync(cancellationToken);
    }

    private async Task CheckGuideAsync(string prefix, CancellationToken cancellationToken)
    {
        if (vault.Descriptor is null)
            return; // a repository that stock restic made
        var key = prefix + RestoreGuide.Name;
        var bytes = await vault.Store.FindAsync(key, cancellationToken);
        if ((bytes is null ? "it is missing" : RestoreGuide.FindFault(bytes)) is { } fault)
            Add(key, $"{fault}: 'resurgam vault heal' writes it");
    }

    private async Task CheckKeyRecordsAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in vault.Store.ListAsync(VaultKeyRecord.Prefix, cancellationToken))
            if (
                await vault.Store.FindAsync(record.Key, cancellationToken) is { } bytes
                && await KeyRecordCheck.FindFaultAsync(vault, record.Key, bytes, cancellationToken) is { } fault
            )
                Add(record.Key, fault);
        if (vault.Key is null)
            return;
        await foreach (var mark in vault.Store.ListAsync(KeyWithdrawal.Prefix, cancellationToken))
            if (
                await vault.Store.FindAsync(mark.Key, cancellationToken) is { } bytes
                && KeyWithdrawal.TryOpen(mark.Key, bytes, vault.Key) is null
            )
                Add(mark.Key, "its seal is broken");
    }

    /// <summary>Compares the packs that the index names with those in the store, by length.</summary>
    private async Task<List<NamedPack>> CheckPacksAsync(Repository repository, CancellationToken cancellationToken)
    {
        Dictionary<BlobId, long> stored = [];
        await foreach (var (id, file) in repository.ListAsync(FileKind.Pack, cancellationToken))
            stored[id] = file.LengthBytes;
        List<NamedPack> packs = [];
        var named = repository.Index.PackCount;
        for (var number = 0; number < named; number++)
        {
            var pack = repository.Index.SummaryAt(number);
            var key = repository.KeyOf(FileKind.Pack, pack.Id);
            if (!stored.TryGetValue(pack.Id, out var length))
                Add(key, "the index names it, and it is missing");
            else if (length <= pack.EndOffset)
                Add(key, $"it has {length} bytes, and the index names blobs up to {pack.EndOffset}");
            else
                packs.Add(new NamedPack(number, key, length, pack));
        }
        _packs += named;
        _unused += _hidden is null ? stored.Count - packs.Count : 0; // a broken index may name them
        return packs;
    }

    private async Task CheckTreesAsync(
        Repository repository,
        List<SnapshotEntry> snapshots,
        CancellationToken cancellationToken
    )
    {
        using BlobReader blobs = new(repository, vault.Host.Entropy);
        HashSet<BlobId> seen = [];
        foreach (var snapshot in snapshots)
        {
            Stack<(string Path, BlobId Tree)> left = new([("", snapshot.Document.Tree)]);
            while (left.TryPop(out var folder))
            {
                if (!seen.Add(folder.Tree))
                    continue; // shared with a folder that was checked
                if (IsHidden(repository, folder.Tree))
                    continue;
                await TryAsync(
                    $"snapshot {snapshot.Id.Short}, folder /{folder.Path}",
                    async () =>
                    {
                        foreach (var node in TreeReader.Read(await blobs.ReadAsync(folder.Tree, cancellationToken)))
                        {
                            if (node.Subtree is { } subtree)
                                left.Push(($"{folder.Path}{node.Name}/", subtree));
                            CheckFile(repository, snapshot, folder.Path, node);
                        }
                    }
                );
            }
        }
    }

    private void CheckFile(Repository repository, SnapshotEntry snapshot, string folder, TreeNode node)
    {
        if (node.Type != NodeType.File)
            return;
        var subject = $"snapshot {snapshot.Id.Short}, file /{folder}{node.Name}";
        var length = 0L;
        foreach (var id in node.Content.Span)
        {
            if (IsHidden(repository, id))
                return;
            if (repository.Index.Find(id) is not { } location)
            {
                Add(subject, $"blob {id.Hex} is in no pack");
                return;
            }
            length += location.ContentLength;
        }
        if (length != node.SizeBytes)
            Add(subject, $"its chunks are {length} bytes, its length is {node.SizeBytes}");
    }

    /// <summary>Counts it: one finding for the index instead of one for each of its blobs.</summary>
    private bool IsHidden(Repository repository, BlobId blob)
    {
        if (_hidden is null || repository.Index.Find(blob) is not null)
            return false;
        _hidden++;
        return true;
    }

    private async Task ReadPacksAsync(Repository repository, List<NamedPack> packs, CancellationToken cancellationToken)
    {
        // The long ones first, or one worker ends alone.
        ConcurrentQueue<NamedPack> queue = new(packs.OrderByDescending(pack => pack.Indexed.Blobs));
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = vault.Host.Workers,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(
            0,
            Math.Min(vault.Host.Workers, packs.Count),
            parallel,
            async (_, token) =>
            {
                using PackCheck check = new(repository, vault.Host.Entropy, Add, CountRead);
                while (queue.TryDequeue(out var pack))
                    await TryAsync(pack.Key, () => check.RunAsync(pack, token));
            }
        );
    }

    private void CountRead(int bytes)
    {
        Interlocked.Add(ref _bytesRead, bytes);
        progress.Add(bytes);
    }

    /// <summary>Notes a problem and goes on: a check that stops at the first damage hides the rest.</summary>
    private Task TryAsync(string subject, Func<Task> check) => TryAsync(check, how => Add(subject, how));

    private static async Task TryAsync(Func<Task> check, Action<string> failed)
    {
        try
        {
            await check();
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            failed(e.Problem.What);
        }
    }

    private void Add(string subject, string how)
    {
        lock (_gate)
            _damage.Add(new VaultDamage(subject, how));
    }
}
