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
/// round, the generations each time between. So a cut leaves a way that does not count yet, or one that still does: the same call finishes it.
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
    /// <param name="wanted">First digits of its id.</param>
    /// <exception cref="ResurgamException"><c>vault-key-absent</c>; <c>vault-key-kept</c>: the store does not delete; <c>vault-key-last-refused</c>: of no other key is it proven that it opens all.</exception>
    /// <returns>The key's id, and what the store keeps of it although it was deleted.</returns>
    public async Task<(string Id, IReadOnlyList<WithdrawnKeyRemains> Remains)> WithdrawAsync(
        string wanted,
        CancellationToken cancellationToken
    )
    {
        var matching = (await ReadWaysAsync(cancellationToken))
            .Where(way => way.Id.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            .ToList();
        var way = matching is [var one] ? one : throw VaultKeyProblems.NoKey(wanted);
        if (!IsCurrent(way) && await FindRecordAsync(vault.Password, "", cancellationToken) is { } own)
            await CompleteAsync(own, cancellationToken);
        var others = (await ReadWaysAsync(cancellationToken))
            .Where(w => w.Id != way.Id && w is { IsWhole: true, IsWithdrawn: false })
            .ToList();
        if (!await IsAnyProvenAsync(others, cancellationToken))
            throw VaultKeyProblems.LastKey(way.Id[..8], [.. others.Select(other => other.Id[..8])]);
        return (way.Id, await WithdrawAsync(way, cancellationToken));
    }

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
    /// <exception cref="ResurgamException"><c>vault-key-last-refused</c></exception>
    public async Task<WithdrawnKeyResult> FinishWithdrawalsAsync(CancellationToken cancellationToken)
    {
        var marks = await KeyWithdrawal.ReadAllAsync(vault.Store, vault.RequiredKey, cancellationToken);
        if (marks.Count == 0)
            return new WithdrawnKeyResult([], 0, []);
        var others = (await ReadWaysAsync(cancellationToken))
            .Where(way => way is { IsWhole: true, IsWithdrawn: false })
            .ToList();
        if (!await IsAnyProvenAsync(others, cancellationToken))
            throw VaultKeyProblems.LastKey(marks.Keys.First()[..8], [.. others.Select(other => other.Id[..8])]);
        WithdrawnKeyFiles files = new(vault.Store, [.. marks.Values]);
        await files.RemoveAsync(await vault.ListGenerationsAsync(cancellationToken), cancellationToken);
        await files.FinishAsync(await vault.ListGenerationsAsync(cancellationToken), cancellationToken);
        return files.Result;
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

    private async Task<bool> IsAnyProvenAsync(IEnumerable<Way> ways, CancellationToken cancellationToken)
    {
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        foreach (var way in ways)
            if (way.Record is { } record && (await FindMissingAsync(record, generations, cancellationToken)).Count == 0)
                return true;
        return false;
    }

    private async Task<IReadOnlyList<WithdrawnKeyRemains>> WithdrawAsync(Way way, CancellationToken cancellationToken)
    {
        KeyWithdrawal mark = new() { Key = way.Id, Salt = way.File.Salt.ToArray() };
        await vault.Store.PutAsync(KeyWithdrawal.Prefix + way.Id, mark.Seal(vault.RequiredKey), cancellationToken);
        WithdrawnKeyFiles files = new(vault.Store, [mark]);
        var generations = await vault.ListGenerationsAsync(cancellationToken);
        await RemoveUnrecordedAsync(way, generations, cancellationToken);
        await files.RemoveAsync(generations, cancellationToken);
        generations = await vault.ListGenerationsAsync(cancellationToken);
        await RemoveUnrecordedAsync(way, generations, cancellationToken);
        await files.FinishAsync(generations, cancellationToken);
        if (files.Result.Remains.FirstOrDefault(remains => !remains.IsOld) is { } kept)
            throw VaultKeyProblems.Kept(way.Id[..8], vault.Store.Name, kept);
        return files.Result.Remains;
    }

    /// <summary>Key files of the secret in use that are older than records, or of stock restic, have salts of their own.</summary>
    private async Task RemoveUnrecordedAsync(
        Way way,
        IReadOnlyList<string> generations,
        CancellationToken cancellationToken
    )
    {
        if (!IsCurrent(way))
            return;
        foreach (var name in generations)
        foreach (var (key, _, file) in await ReadFilesAsync(Vault.PrefixOf(name), cancellationToken))
            if (!file.Salt.Span.SequenceEqual(way.File.Salt.Span) && file.TryOpen(vault.Password, out _))
                await vault.Store.DeleteAsync(key, cancellationToken);
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
