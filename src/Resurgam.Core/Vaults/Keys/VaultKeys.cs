using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Keys;

/// <param name="Id">Of its file in <c>keys/</c>.</param>
/// <param name="Name">As it was added; empty for one that stock restic or an older program made.</param>
/// <param name="CreatedBy"><c>user@host</c>.</param>
/// <param name="IsCurrent">It is the one that opened the vault now.</param>
/// <param name="IsWhole">Its file in <c>keys/</c> is there, and no mark of withdrawal: false while it is added or withdrawn.</param>
/// <param name="Missing">Generations that stock restic does not open with it; null when that cannot be told.</param>
public sealed record VaultKeyEntry(
    string Id,
    string Name,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    bool IsCurrent,
    bool IsWhole,
    IReadOnlyList<string>? Missing
);

/// <summary>The ways of unlocking a vault: lists, adds and withdraws them, in the vault and in every generation.</summary>
/// <remarks>
/// Order of writes: a way is added record first and its file in <c>keys/</c> last, and withdrawn, behind a mark that says so, the other way
/// round, the generations each time between. So a cut leaves a way that does not count yet, or one that still does: the same call finishes it. That
/// a key stays is proven again behind the mark, before anything goes: of several withdrawals at once none takes what another counts on.
/// Layout: docs/formats/keys.md. Not thread-safe.
/// </remarks>
public sealed class VaultKeys(Vault vault)
{
    public const string Prefix = "keys/";

    private readonly Dictionary<string, bool> _isCurrent = new(StringComparer.Ordinal);

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<VaultKeyEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        List<VaultKeyEntry> entries = [];
        foreach (var way in await ReadWaysAsync(cancellationToken))
            entries.Add(
                new VaultKeyEntry(
                    way.Id,
                    way.Record?.Name ?? "",
                    way.File.Created.ToDateTimeOffset(),
                    $"{way.File.Username}@{way.File.Hostname}",
                    IsCurrent(way),
                    way is { IsWhole: true, IsWithdrawn: false },
                    way.Record is null ? null : await FindMissingAsync(way.Record, generations, cancellationToken)
                )
            );
        return [.. entries.OrderBy(entry => entry.CreatedAt).ThenBy(entry => entry.Id, StringComparer.Ordinal)];
    }

    /// <summary>Lets another secret open the vault and every generation; one that does already, or was cut off, is completed.</summary>
    /// <returns>The id of its key.</returns>
    public async Task<string> AddAsync(string password, string name, CancellationToken cancellationToken)
    {
        var record =
            await FindRecordAsync(password, name, cancellationToken)
            ?? NewRecord(vault.RequiredKey, password, name, vault.Host);
        await CompleteAsync(record, cancellationToken);
        return record.Id;
    }

    /// <summary>Puts a new secret in the place of the one that opened the vault now: nothing goes before the new one opens all.</summary>
    /// <returns>The ids of the key that came and of those that went.</returns>
    /// <exception cref="ResurgamException"><c>vault-key-same</c>, <c>vault-key-unproven</c>.</exception>
    public async Task<(
        string Added,
        IReadOnlyList<string> Withdrawn,
        IReadOnlyList<WithdrawnKeyRemains> Remains
    )> RotateAsync(string password, string name, CancellationToken cancellationToken)
    {
        if (password == vault.Password)
            throw VaultKeyProblems.SameSecret();
        var added = await AddAsync(password, name, cancellationToken);
        await RequireProvenAsync(added, cancellationToken);
        List<string> withdrawn = [];
        List<WithdrawnKeyRemains> remains = [];
        foreach (var old in (await ReadWaysAsync(cancellationToken)).Where(IsCurrent))
        {
            remains.AddRange(await WithdrawAsync(old, cancellationToken));
            withdrawn.Add(old.Id);
        }
        return (added, withdrawn, remains);
    }

    /// <summary>From here on the key opens nothing that is in the store. Who has copies of its files still opens what he copied.</summary>
    /// <param name="wanted">First digits of its id; a key that is withdrawn is finished: of one that was cut off late, its mark and older versions may be left.</param>
    /// <exception cref="ResurgamException">
    /// <c>vault-key-absent</c>; <c>vault-key-kept</c>: the store does not delete; <c>vault-key-last-refused</c>: of no other key is it proven that it opens
    /// all; <c>vault-key-unproven</c>: nor is it afterwards.
    /// </exception>
    /// <returns>The key's id, and what the store keeps of it although it was deleted.</returns>
    public async Task<(string Id, IReadOnlyList<WithdrawnKeyRemains> Remains)> WithdrawAsync(
        string wanted,
        CancellationToken cancellationToken
    )
    {
        var ways = await ReadWaysAsync(cancellationToken);
        var marks = await KeyWithdrawal.ReadAllAsync(vault.Store, vault.RequiredKey, cancellationToken);
        var id =
            FindOne(ways.Select(way => way.Id), wanted)
            ?? FindOne(marks.Keys, wanted)
            ?? throw VaultKeyProblems.NoKey(wanted);
        var way = ways.FirstOrDefault(way => way.Id == id);
        if (way is not null && !IsCurrent(way))
            if (await FindRecordAsync(vault.Password, "", cancellationToken) is { } own)
                await CompleteAsync(own, cancellationToken);
        if (await FindUnprovenAsync(id, cancellationToken) is { } others)
            throw VaultKeyProblems.LastKey(id[..8], others);
        return (
            id,
            way is null ? await TakeAwayAsync(id, way, cancellationToken) : await WithdrawAsync(way, cancellationToken)
        );
    }

    /// <returns>Null when none begins so, or more than one.</returns>
    private static string? FindOne(IEnumerable<string> ids, string wanted) =>
        ids.Where(id => id.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)).ToList() is [var one] ? one : null;

    /// <summary>The withdrawn keys that still open a place, or an older version of it, by its own marks. Needs no secret.</summary>
    public static async Task<IReadOnlyList<WithdrawnKeyRemains>> FindOpenAsync(
        IStore store,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> ids = new(StringComparer.Ordinal);
        await foreach (var mark in store.ListAsync(KeyWithdrawal.Prefix, cancellationToken))
            ids.Add(mark.Key[KeyWithdrawal.Prefix.Length..]);
        return await WithdrawnKeyFiles.FindOpeningAsync(store, ids, cancellationToken);
    }

    /// <summary>Does in this place what marks say that were made in another one, or before a cut: nothing goes unless a key that stays is proven.</summary>
    /// <exception cref="ResurgamException"><c>vault-key-last-refused</c>, <c>vault-key-unproven</c></exception>
    public async Task<WithdrawnKeyResult> FinishWithdrawalsAsync(CancellationToken cancellationToken)
    {
        var marks = await KeyWithdrawal.ReadAllAsync(vault.Store, vault.RequiredKey, cancellationToken);
        if (marks.Count == 0)
            return new WithdrawnKeyResult([], 0, []);
        var first = marks.Keys.First();
        if (await FindUnprovenAsync(first, cancellationToken) is { } others)
            throw VaultKeyProblems.LastKey(first[..8], others);
        WithdrawnKeyFiles files = new(vault.Store, marks.Values);
        await files.RemoveAsync(await vault.ListGenerationsAsync(cancellationToken), cancellationToken);
        await files.FinishAsync(await vault.ListGenerationsAsync(cancellationToken), cancellationToken);
        await RequireStayingAsync(first, cancellationToken);
        return files.Result;
    }

    /// <summary>Ids of keys of which a mark that opens, in any of these places of the vault, says that they are withdrawn.</summary>
    public async Task<IReadOnlySet<string>> ReadWithdrawnAsync(
        IEnumerable<IStore> places,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (var place in places)
            ids.UnionWith((await KeyWithdrawal.ReadAllAsync(place, vault.RequiredKey, cancellationToken)).Keys);
        return ids;
    }

    /// <summary>Gives a new generation a key file for each way of unlocking, so that stock restic opens it with any of them.</summary>
    internal async Task PutGenerationFilesAsync(string prefix, SealingKey key, CancellationToken cancellationToken)
    {
        var hasCurrent = false;
        foreach (var way in await ReadWaysAsync(cancellationToken))
            if (way is { IsWhole: true, Record: { } record })
            {
                if (!way.IsWithdrawn)
                    await PutGenerationFileAsync(prefix, key, record, cancellationToken);
                hasCurrent |= IsCurrent(way);
            }
        // Nothing is recorded of the password that opened the vault: one that is older than records.
        if (!hasCurrent)
            await PutFileAsync(prefix, NewRecord(key, vault.Password, "", vault.Host).File, cancellationToken);
    }

    /// <summary>For a vault that is being made.</summary>
    internal static async Task PutFirstAsync(
        IStore store,
        SealingKey key,
        string password,
        VaultHost host,
        CancellationToken cancellationToken
    )
    {
        var record = NewRecord(key, password, "first", host);
        await store.PutAsync(VaultKeyRecord.Prefix + record.Id, record.Seal(key, host.Entropy), cancellationToken);
        await store.PutAsync(Prefix + record.Id, record.File, cancellationToken);
    }

    private async Task CompleteAsync(VaultKeyRecord record, CancellationToken cancellationToken)
    {
        await vault.Store.PutAsync(
            VaultKeyRecord.Prefix + record.Id,
            record.Seal(vault.RequiredKey, vault.Host.Entropy),
            cancellationToken
        );
        await CompleteGenerationsAsync(record, cancellationToken);
        await vault.Store.PutAsync(Prefix + record.Id, record.File, cancellationToken);
        // One that began meanwhile did not know of this way yet.
        await CompleteGenerationsAsync(record, cancellationToken);
    }

    private async Task CompleteGenerationsAsync(VaultKeyRecord record, CancellationToken cancellationToken)
    {
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        foreach (var name in await FindMissingAsync(record, generations, cancellationToken))
        {
            var key = await vault.GetGenerationKeyAsync(name, cancellationToken);
            await PutGenerationFileAsync(Vault.PrefixOf(name), key, record, cancellationToken);
        }
    }

    private async Task RequireProvenAsync(string id, CancellationToken cancellationToken)
    {
        var way = (await ReadWaysAsync(cancellationToken)).Single(way => way.Id == id);
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        IReadOnlyList<string> missing = way is { Record: { } record, IsWhole: true }
            ? await FindMissingAsync(record, generations, cancellationToken)
            : [Prefix];
        if (missing.Count > 0)
            throw VaultKeyProblems.NotProven(id[..8], missing);
    }

    /// <returns>Null when a key other than this one stays and is proven to open everything; else the keys that stay, as people read them.</returns>
    private async Task<IReadOnlyList<string>?> FindUnprovenAsync(string id, CancellationToken cancellationToken)
    {
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        var others = (await ReadWaysAsync(cancellationToken))
            .Where(way => way.Id != id && way is { IsWhole: true, IsWithdrawn: false })
            .ToList();
        foreach (var way in others)
            if (way.Record is { } record && (await FindMissingAsync(record, generations, cancellationToken)).Count == 0)
                return null;
        return [.. others.Select(way => way.Id[..8])];
    }

    /// <summary>The proof again, now that files are gone.</summary>
    private async Task RequireStayingAsync(string id, CancellationToken cancellationToken)
    {
        if (await FindUnprovenAsync(id, cancellationToken) is { } others)
            throw VaultKeyProblems.LostProof(id[..8], others);
    }

    private async Task<IReadOnlyList<WithdrawnKeyRemains>> WithdrawAsync(Way way, CancellationToken cancellationToken)
    {
        KeyWithdrawal mark = new() { Key = way.Id, Salt = way.File.Salt.ToArray() };
        var isNew = await PutMarkAsync(mark, cancellationToken);
        // Of two withdrawals at once each sees the other's mark, or is seen by it.
        if (await FindUnprovenAsync(way.Id, cancellationToken) is { } others)
        {
            // Not to be stopped: a mark that stays calls the key withdrawn. One that was there before stays, for who made it may be at work.
            if (isNew)
                await vault.Store.DeleteAsync(KeyWithdrawal.Prefix + way.Id, CancellationToken.None);
            throw VaultKeyProblems.LastKey(way.Id[..8], others);
        }
        await MarkUnrecordedAsync(way, cancellationToken);
        return await TakeAwayAsync(way.Id, way, cancellationToken);
    }

    /// <param name="id">Of a key with a mark.</param>
    /// <param name="way">Null when neither file nor record of it is left.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    private async Task<IReadOnlyList<WithdrawnKeyRemains>> TakeAwayAsync(
        string id,
        Way? way,
        CancellationToken cancellationToken
    )
    {
        WithdrawnKeyFiles files = new(vault.Store, await ReadMarksAsync(id, cancellationToken));
        await files.RemoveAsync(await vault.ListGenerationsAsync(cancellationToken), cancellationToken);
        if (way is not null)
            files.Add(await MarkUnrecordedAsync(way, cancellationToken)); // of generations that began meanwhile
        await files.FinishAsync(await vault.ListGenerationsAsync(cancellationToken), cancellationToken);
        await RequireStayingAsync(id, cancellationToken);
        var remains = files.Result.Remains;
        if (remains.FirstOrDefault(file => !file.IsOld) is { } kept)
            throw VaultKeyProblems.Kept(kept.Id[..8], vault.Store.Name, kept);
        return remains;
    }

    /// <summary>This key's mark, and those of keys that are gone but for older versions. The marks of others may be taken back yet.</summary>
    private async Task<IReadOnlyList<KeyWithdrawal>> ReadMarksAsync(string id, CancellationToken cancellationToken)
    {
        var marks = await KeyWithdrawal.ReadAllAsync(vault.Store, vault.RequiredKey, cancellationToken);
        var ways = await ReadWaysAsync(cancellationToken);
        return [.. marks.Values.Where(mark => mark.Key == id || ways.All(way => way.Id != mark.Key))];
    }

    /// <summary>One that does not open is nobody's word, and would keep the true one out.</summary>
    /// <returns>False when it was there already.</returns>
    private async Task<bool> PutMarkAsync(KeyWithdrawal mark, CancellationToken cancellationToken)
    {
        var key = KeyWithdrawal.Prefix + mark.Key;
        var bytes = mark.Seal(vault.RequiredKey);
        if (await vault.Store.PutAsync(key, bytes, cancellationToken))
            return true;
        if (await IsThereAsync())
            return false;
        await vault.Store.DeleteAsync(key, cancellationToken);
        if (await vault.Store.PutAsync(key, bytes, cancellationToken))
            return true;
        if (!await IsThereAsync())
            throw VaultProblems.Damaged(key, "its seal is broken");
        return false;

        async Task<bool> IsThereAsync() =>
            await vault.Store.FindAsync(key, cancellationToken) is { } there
            && KeyWithdrawal.TryOpen(key, there, vault.RequiredKey) is not null;
    }

    /// <summary>
    /// Key files of the secret in use that are older than records, or of stock restic, have salts of their own, and so marks of their own. They
    /// stay as long as another key of the same secret does.
    /// </summary>
    /// <returns>The marks, in the vault by now.</returns>
    private async Task<IReadOnlyList<KeyWithdrawal>> MarkUnrecordedAsync(Way way, CancellationToken cancellationToken)
    {
        if (!IsCurrent(way))
            return [];
        List<KeyWithdrawal> marks = [];
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
        foreach (var (key, _, file) in await ReadFilesAsync(Vault.PrefixOf(name), cancellationToken))
            if (!file.Salt.Span.SequenceEqual(way.File.Salt.Span) && file.TryOpen(vault.Password, out _))
                marks.Add(new KeyWithdrawal { Key = key[(key.LastIndexOf('/') + 1)..], Salt = file.Salt.ToArray() });
        if (marks.Count == 0)
            return [];
        // After the files: the record of a key that is added right now comes before them.
        var ways = await ReadWaysAsync(cancellationToken);
        if (ways.Any(other => other.Id != way.Id && !other.IsWithdrawn && IsCurrent(other)))
            return [];
        foreach (var mark in marks)
            await PutMarkAsync(mark, cancellationToken);
        return marks;
    }

    /// <summary>The record of a secret that opens the vault, or was about to; made, but not stored, where there is none.</summary>
    /// <returns>Null when the secret is new here.</returns>
    private async Task<VaultKeyRecord?> FindRecordAsync(
        string password,
        string name,
        CancellationToken cancellationToken
    )
    {
        foreach (var way in await ReadWaysAsync(cancellationToken))
        {
            var user = way.File.UserKeyOf(password);
            if (!way.IsWithdrawn && way.File.TryOpen(user, out var key) && Vault.AreEqual(key, vault.RequiredKey))
                return way.Record ?? VaultKeyRecord.Create(name, way.Bytes, user);
        }
        return null;
    }

    /// <summary>Generations that no key file opens for this way: proven by opening them.</summary>
    private async Task<IReadOnlyList<string>> FindMissingAsync(
        VaultKeyRecord record,
        IReadOnlyList<string> generations,
        CancellationToken cancellationToken
    )
    {
        var (salt, user) = (record.ReadFile().Salt, record.OpenUser());
        List<string> missing = [];
        foreach (var name in generations)
        {
            var wanted = await vault.GetGenerationKeyAsync(name, cancellationToken);
            var files = await ReadFilesAsync(Vault.PrefixOf(name), cancellationToken);
            if (
                !files.Any(found =>
                    found.File.Salt.Span.SequenceEqual(salt.Span)
                    && found.File.TryOpen(user, out var key)
                    && Vault.AreEqual(key, wanted)
                )
            )
                missing.Add(name);
        }
        return missing;
    }

    private Task<bool> PutGenerationFileAsync(
        string prefix,
        SealingKey key,
        VaultKeyRecord record,
        CancellationToken cancellationToken
    )
    {
        var file = record.ReadFile().Rewrap(key, record.OpenUser(), vault.Host.Entropy);
        return PutFileAsync(prefix, file.Write(), cancellationToken);
    }

    private Task<bool> PutFileAsync(string prefix, byte[] file, CancellationToken cancellationToken) =>
        vault.Store.PutAsync($"{prefix}{Prefix}{BlobId.Of(file).Hex}", file, cancellationToken);

    /// <summary>Every way that has a file in <c>keys/</c>, a record, or both.</summary>
    private async Task<IReadOnlyCollection<Way>> ReadWaysAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, Way> ways = new(StringComparer.Ordinal);
        await foreach (var item in vault.Store.ListAsync(VaultKeyRecord.Prefix, cancellationToken))
            if (
                await vault.Store.FindAsync(item.Key, cancellationToken) is { } bytes
                && VaultKeyRecord.TryOpen(bytes, vault.RequiredKey) is { } record
            )
                ways[record.Id] = new Way(record.Id, record.File, record.ReadFile(), record, IsWhole: false);
        foreach (var (key, bytes, file) in await ReadFilesAsync("", cancellationToken))
        {
            var id = key[Prefix.Length..];
            ways[id] = (ways.GetValueOrDefault(id) ?? new Way(id, bytes, file, null, false)) with { IsWhole = true };
        }
        var marks = await KeyWithdrawal.ReadAllAsync(vault.Store, vault.RequiredKey, cancellationToken);
        return [.. ways.Values.Select(way => way with { IsWithdrawn = marks.ContainsKey(way.Id) })];
    }

    /// <summary>The key files below a prefix; damaged ones are passed over, <c>vault check</c> names them.</summary>
    private async Task<IReadOnlyList<(string Key, byte[] Bytes, KeyDocument File)>> ReadFilesAsync(
        string prefix,
        CancellationToken cancellationToken
    )
    {
        List<(string, byte[], KeyDocument)> files = [];
        await foreach (var item in vault.Store.ListAsync(prefix + Prefix, cancellationToken))
        {
            var bytes = await vault.Store.FindAsync(item.Key, cancellationToken);
            if (bytes is not null && item.Key.EndsWith(BlobId.Of(bytes).Hex, StringComparison.Ordinal))
                files.Add((item.Key, bytes, KeyDocument.Read(bytes)));
        }
        return files;
    }

    private bool IsCurrent(Way way)
    {
        if (!_isCurrent.TryGetValue(way.Id, out var isCurrent))
        {
            isCurrent =
                Prefix + way.Id == vault.OpenedBy
                || (way.File.TryOpen(vault.Password, out var key) && Vault.AreEqual(key, vault.RequiredKey));
            _isCurrent[way.Id] = isCurrent;
        }
        return isCurrent;
    }

    private static VaultKeyRecord NewRecord(SealingKey key, string password, string name, VaultHost host)
    {
        var file = Vault.NewKeyFile(key, password, host);
        return VaultKeyRecord.Create(name, file, KeyDocument.Read(file).UserKeyOf(password));
    }

    /// <param name="Bytes">Of the file in <c>keys/</c>.</param>
    /// <param name="Record">Null when nothing is known of it but its file.</param>
    /// <param name="IsWhole">The file in <c>keys/</c> is there.</param>
    /// <param name="IsWithdrawn">There is a mark: its files are about to go.</param>
    private sealed record Way(
        string Id,
        byte[] Bytes,
        KeyDocument File,
        VaultKeyRecord? Record,
        bool IsWhole,
        bool IsWithdrawn = false
    );
}
