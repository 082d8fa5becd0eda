using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>A file of a withdrawn key that a store keeps.</summary>
/// <param name="Id">Of the key.</param>
/// <param name="File">Its key in the store.</param>
/// <param name="Until">When the store's lock on it ends; null when it does not say.</param>
/// <param name="How">Why it is still there, in words.</param>
/// <param name="IsOld">It was deleted, and what stays is an older version of it: only who asks for that gets it.</param>
public sealed record WithdrawnKeyRemains(string Id, string File, DateTimeOffset? Until, string How, bool IsOld)
{
    /// <summary>Nobody can tell whether there is anything: the store does not show older versions, with these credentials. The id is that of one key of all.</summary>
    public bool IsUnseen { get; private init; }

    internal static WithdrawnKeyRemains Unseen(string id, string prefix, Problem problem) =>
        new(id, prefix, Until: null, problem.What, IsOld: true) { IsUnseen = true };
}

/// <summary>What the withdrawal of keys took from a place, and what that place keeps.</summary>
/// <param name="Removed">Ids of the keys of which something went.</param>
/// <param name="Files">How many.</param>
public sealed record WithdrawnKeyResult(
    IReadOnlyList<string> Removed,
    int Files,
    IReadOnlyList<WithdrawnKeyRemains> Remains
);

/// <summary>The files of withdrawn keys in one place of a vault: takes them away, older versions too, and tells what stays.</summary>
/// <remarks>Who calls has proven that the withdrawal is true, and that another key opens the place.</remarks>
internal sealed class WithdrawnKeyFiles(IStore store, IEnumerable<KeyWithdrawal> marks)
{
    private readonly List<KeyWithdrawal> _withdrawn = [.. marks];
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private readonly List<WithdrawnKeyRemains> _remains = [];
    private int _files;

    public WithdrawnKeyResult Result =>
        new([.. _removed.Order(StringComparer.Ordinal)], _files, [.. _remains.DistinctBy(remains => remains.File)]);

    /// <summary>Which of these keys' files in <c>keys/</c> somebody who reads the store can still have, as it is or as an older version.</summary>
    /// <param name="ids">Of withdrawn keys.</param>
    public static async Task<IReadOnlyList<WithdrawnKeyRemains>> FindOpeningAsync(
        IStore store,
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    )
    {
        SortedDictionary<string, WithdrawnKeyRemains> remains = new(StringComparer.Ordinal);
        foreach (var id in ids)
            if (await store.HeadAsync(VaultKeys.Prefix + id, cancellationToken) is not null)
                remains[id] = new WithdrawnKeyRemains(
                    id,
                    VaultKeys.Prefix + id,
                    Until: null,
                    "it is there",
                    IsOld: false
                );
        if (store is not IVersionedStore versioned || ids.Count == 0)
            return [.. remains.Values];
        try
        {
            await AddVersionsAsync(versioned, ids, remains, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            // Credentials that may not look at versions are no fault: what can be seen is told, and that the rest cannot.
            return [.. remains.Values, WithdrawnKeyRemains.Unseen(ids.First(), VaultKeys.Prefix, e.Problem)];
        }
        return [.. remains.Values];
    }

    private static async Task AddVersionsAsync(
        IVersionedStore versioned,
        IReadOnlyCollection<string> ids,
        SortedDictionary<string, WithdrawnKeyRemains> remains,
        CancellationToken cancellationToken
    )
    {
        await foreach (var version in versioned.ListVersionsAsync(VaultKeys.Prefix, cancellationToken))
        {
            var id = version.Key[VaultKeys.Prefix.Length..];
            if (version.IsMark || !ids.Contains(id))
                continue;
            var known =
                remains.GetValueOrDefault(id)
                ?? new WithdrawnKeyRemains(
                    id,
                    version.Key,
                    Until: null,
                    "the store keeps an older version of it",
                    IsOld: true
                );
            var until = await versioned.FindLockedUntilAsync(version, cancellationToken);
            remains[id] = until > known.Until || known.Until is null ? known with { Until = until } : known;
        }
    }

    /// <summary>More of them, for what is done from here on.</summary>
    public void Add(IEnumerable<KeyWithdrawal> more) => _withdrawn.AddRange(more);

    /// <summary>Generations first: cut off, the way still counts, and the next call finishes it.</summary>
    /// <param name="generations">Names of those whose key files are looked at.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public async Task RemoveAsync(IReadOnlyList<string> generations, CancellationToken cancellationToken)
    {
        await RemoveFromGenerationsAsync(generations, cancellationToken);
        foreach (var mark in _withdrawn)
            await RemoveAsync(mark.Key, VaultKeys.Prefix + mark.Key, cancellationToken);
    }

    /// <summary>Again, for generations that began meanwhile and still knew of the keys; and then what is known of them.</summary>
    /// <param name="generations">Listed anew.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public async Task FinishAsync(IReadOnlyList<string> generations, CancellationToken cancellationToken)
    {
        await RemoveFromGenerationsAsync(generations, cancellationToken);
        foreach (var mark in _withdrawn)
            await RemoveAsync(mark.Key, VaultKeyRecord.Prefix + mark.Key, cancellationToken);
        await RemoveVersionsAsync(generations, cancellationToken);
    }

    private async Task RemoveFromGenerationsAsync(
        IReadOnlyList<string> generations,
        CancellationToken cancellationToken
    )
    {
        foreach (var name in generations)
        {
            List<(string Id, string File)> found = [];
            await foreach (var item in store.ListAsync(Vault.PrefixOf(name) + VaultKeys.Prefix, cancellationToken))
                if (
                    await store.FindAsync(item.Key, cancellationToken) is { } bytes
                    && FindOwner(item.Key, bytes) is { } owner
                )
                    found.Add((owner, item.Key));
            foreach (var (id, file) in found)
                await RemoveAsync(id, file, cancellationToken);
        }
    }

    /// <returns>The id of the withdrawn key whose file this is; null for any other.</returns>
    private string? FindOwner(string file, byte[] bytes)
    {
        if (!file.EndsWith(BlobId.Of(bytes).Hex, StringComparison.Ordinal))
            return null; // damaged: 'vault check' names it
        var salt = KeyDocument.Read(bytes).Salt;
        return _withdrawn.FirstOrDefault(mark => salt.Span.SequenceEqual(mark.Salt))?.Key;
    }

    private async Task RemoveAsync(string id, string file, CancellationToken cancellationToken)
    {
        if (await store.HeadAsync(file, cancellationToken) is null)
            return;
        try
        {
            await store.DeleteAsync(file, cancellationToken);
            _removed.Add(id);
            _files++;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            _remains.Add(new WithdrawnKeyRemains(id, file, Until: null, e.Problem.What, IsOld: false));
        }
    }

    /// <summary>A store that keeps what was deleted still gives it to who asks for it.</summary>
    private async Task RemoveVersionsAsync(IReadOnlyList<string> generations, CancellationToken cancellationToken)
    {
        if (store is not IVersionedStore versioned || _withdrawn.Count == 0)
            return;
        string[] prefixes =
        [
            VaultKeys.Prefix,
            VaultKeyRecord.Prefix,
            .. generations.Select(name => Vault.PrefixOf(name) + VaultKeys.Prefix),
        ];
        foreach (var prefix in prefixes)
        {
            List<StoreVersion> all = [];
            try
            {
                await foreach (var version in versioned.ListVersionsAsync(prefix, cancellationToken))
                    all.Add(version);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                // Credentials that may not look at versions: nobody can tell whether there are any.
                _remains.Add(WithdrawnKeyRemains.Unseen(_withdrawn[0].Key, prefix, e.Problem));
                return;
            }
            foreach (var versions in all.GroupBy(version => version.Key, StringComparer.Ordinal))
                await RemoveVersionsAsync(versioned, versions.Key, [.. versions], cancellationToken);
        }
    }

    /// <summary>The marks of deletion go last, and only when nothing is behind them: else the file would be seen again.</summary>
    private async Task RemoveVersionsAsync(
        IVersionedStore versioned,
        string file,
        IReadOnlyList<StoreVersion> versions,
        CancellationToken cancellationToken
    )
    {
        if (await store.HeadAsync(file, cancellationToken) is not null)
            return; // it is in use, or its deletion was refused
        var contents = versions.Where(version => !version.IsMark).ToList();
        if (await FindOwnerAsync(versioned, file, contents, cancellationToken) is not { } id)
            return;
        var isKept = false;
        foreach (var version in contents)
        {
            try
            {
                await versioned.DeleteVersionAsync(version, cancellationToken);
                _removed.Add(id);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                isKept = true;
                var until = await versioned.FindLockedUntilAsync(version, cancellationToken);
                _remains.Add(
                    new WithdrawnKeyRemains(
                        id,
                        file,
                        until,
                        $"the store keeps an older version of it: {e.Problem.What}",
                        IsOld: true
                    )
                );
            }
        }
        foreach (var mark in versions.Where(version => version.IsMark && !isKept))
            await versioned.DeleteVersionAsync(mark, cancellationToken);
    }

    private async Task<string?> FindOwnerAsync(
        IVersionedStore versioned,
        string file,
        IReadOnlyList<StoreVersion> contents,
        CancellationToken cancellationToken
    )
    {
        var name = file[(file.LastIndexOf('/') + 1)..];
        if (!file.StartsWith(Vault.GenerationsPrefix, StringComparison.Ordinal))
            return _withdrawn.FirstOrDefault(mark => mark.Key == name)?.Key;
        foreach (var version in contents)
            if (await versioned.FindVersionAsync(version, cancellationToken) is { } bytes)
                return FindOwner(file, bytes);
        return null;
    }
}
