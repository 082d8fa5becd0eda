using System.Buffers;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Index;
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
    /// <summary>Of a pack at once: large enough for a distant store, small enough for the processor's cache.</summary>
    private const int WindowBytes = 4 << 20;

    private readonly Lock _gate = new();
    private readonly List<VaultDamage> _damage = [];
    private int _snapshots;
    private int _packs;
    private int _unused;
    private long _blobs;
    private long _bytesRead;

    public async Task<VaultCheckResult> RunAsync(bool readData, CancellationToken cancellationToken)
    {
        await CheckKeysAsync("", cancellationToken);
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
            await CheckKeysAsync(repository.Prefix, cancellationToken);
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
        await repository.ReadIndexesAsync(TryAsync, cancellationToken);
        _blobs += repository.Index.BlobCount;
        var packs = await CheckPacksAsync(repository, cancellationToken);
        await Task.WhenAll(
            CheckTreesAsync(repository, snapshots, cancellationToken),
            readData ? ReadPacksAsync(repository, packs, cancellationToken) : Task.CompletedTask
        );
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

    private async Task CheckKeyRecordsAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in vault.Store.ListAsync(VaultKeyRecord.Prefix, cancellationToken))
            if (
                await vault.Store.FindAsync(record.Key, cancellationToken) is { } bytes
                && await KeyRecordCheck.FindFaultAsync(vault, record.Key, bytes, cancellationToken) is { } fault
            )
                Add(record.Key, fault);
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
        _unused += stored.Count - packs.Count;
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

    private async Task ReadPacksAsync(Repository repository, List<NamedPack> packs, CancellationToken cancellationToken)
    {
        using BlobReader blobs = new(repository, vault.Host.Entropy);
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = vault.Host.Workers,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            packs.OrderByDescending(pack => pack.Indexed.Blobs), // the long ones first, or one worker ends alone
            parallel,
            async (pack, token) => await TryAsync(pack.Key, () => ReadPackAsync(repository, pack, blobs, token))
        );
    }

    /// <summary>Reads one pack: its header, every blob of it, and that the index agrees.</summary>
    /// <remarks>Its name is not computed again: each byte is under a seal or counted, which SHA-256 over all of them adds nothing to.</remarks>
    private async Task ReadPackAsync(
        Repository repository,
        NamedPack pack,
        BlobReader blobs,
        CancellationToken cancellationToken
    )
    {
        var entries = await ReadHeaderAsync(repository, pack, cancellationToken);
        if (PackSummary.Of(pack.Indexed.Id, entries) != pack.Indexed)
            NameDifferences(repository, pack, entries);
        var codec = blobs.Rent();
        var buffer = ArrayPool<byte>.Shared.Rent(WindowBytes);
        for (var next = 0; next < entries.Count; )
        {
            var first = next;
            long start = entries[first].Offset;
            long end;
            do end = (long)entries[next].Offset + entries[next].Length;
            while (++next < entries.Count && (long)entries[next].Offset + entries[next].Length - start <= WindowBytes);
            if (buffer.Length < end - start)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent((int)(end - start));
            }
            var window = buffer.AsMemory(0, (int)(end - start));
            await ReadExactlyAsync(repository, pack.Key, start, window, cancellationToken);
            for (var at = first; at < next; at++)
                CheckBlob(
                    codec,
                    window.Span.Slice((int)(entries[at].Offset - start), (int)entries[at].Length),
                    entries[at],
                    pack.Key
                );
        }
        ArrayPool<byte>.Shared.Return(buffer);
        blobs.Return(codec);
    }

    private async Task<List<PackEntry>> ReadHeaderAsync(
        Repository repository,
        NamedPack pack,
        CancellationToken cancellationToken
    )
    {
        var expected = PackHeader.StoredTailBytes(Math.Min(pack.Indexed.Blobs, PackHeader.MaxEntries));
        var tail = new byte[Math.Min(expected, pack.LengthBytes)];
        await ReadExactlyAsync(repository, pack.Key, pack.LengthBytes - tail.Length, tail, cancellationToken);
        var sealedLength = PackHeader.ReadSealedLength(tail, pack.LengthBytes);
        var start = pack.LengthBytes - PackHeader.LengthFieldBytes - sealedLength;
        if (pack.LengthBytes - start > tail.Length)
        {
            tail = new byte[pack.LengthBytes - start];
            await ReadExactlyAsync(repository, pack.Key, start, tail, cancellationToken);
        }
        var header = new byte[sealedLength - Sealing.SealingKey.OverheadBytes];
        if (
            !repository.Key.TryOpen(
                tail.AsSpan(^(sealedLength + PackHeader.LengthFieldBytes)..^PackHeader.LengthFieldBytes),
                header
            )
        )
            throw VaultProblems.Damaged(pack.Key, "the seal of its header is broken");
        var entries = PackHeader.Read(header);
        var end = (long)entries[^1].Offset + entries[^1].Length;
        return end == start
            ? entries
            : throw VaultProblems.Damaged(pack.Key, $"its blobs end at {end}, and its header begins at {start}");
    }

    private async Task ReadExactlyAsync(
        Repository repository,
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        var read = await repository.Store.ReadAsync(key, offset, buffer, cancellationToken);
        if (read < 0)
            throw VaultProblems.Missing(key);
        if (read < buffer.Length)
            throw VaultProblems.Damaged(key, $"it ends at {offset + read}, and was longer a moment ago");
        Interlocked.Add(ref _bytesRead, read);
        progress.Add(read);
    }

    private void NameDifferences(Repository repository, NamedPack pack, List<PackEntry> entries)
    {
        var found = 0;
        foreach (var entry in entries)
        {
            BlobLocation here = new(pack.Number, entry.Type, entry.Offset, entry.Length, entry.PlainLength);
            var indexed = repository.Index.Find(entry.Id);
            if (indexed is null)
                Add(pack.Key, $"blob {entry.Id.Hex} is in the pack and not in the index");
            else if (indexed == here)
                found++;
        }
        if (found < pack.Indexed.Blobs)
            Add(pack.Key, $"{pack.Indexed.Blobs - found} of the blobs that the index names are not there");
    }

    private void CheckBlob(BlobCodec codec, ReadOnlySpan<byte> stored, PackEntry entry, string key)
    {
        var length = (int)(entry.PlainLength > 0 ? entry.PlainLength : entry.Length - Sealing.SealingKey.OverheadBytes);
        var plain = ArrayPool<byte>.Shared.Rent(length);
        var wrong = codec.Open(stored, entry.PlainLength, entry.Id, plain.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(plain);
        if (wrong is not null)
            Add(key, $"blob {entry.Id.Hex}: {wrong}");
    }

    /// <summary>Notes a problem and goes on: a check that stops at the first damage hides the rest.</summary>
    private async Task TryAsync(string subject, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            Add(subject, e.Problem.What);
        }
    }

    private void Add(string subject, string how)
    {
        lock (_gate)
            _damage.Add(new VaultDamage(subject, how));
    }

    /// <param name="Number">In the index.</param>
    /// <param name="Indexed">What the index says of it.</param>
    private readonly record struct NamedPack(int Number, string Key, long LengthBytes, PackSummary Indexed);
}
