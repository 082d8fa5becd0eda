using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>A version that is whole.</summary>
/// <param name="Bytes">Its content.</param>
/// <param name="Above">What came after it, the oldest first: without all of that it is the object again.</param>
internal sealed record OlderVersion(byte[] Bytes, IReadOnlyList<StoreVersion> Above);

/// <param name="Found">The newest one that is whole; null when none is seen.</param>
/// <param name="Unseen">Why some could not be looked at; null when all were.</param>
internal sealed record OlderVersionSearch(OlderVersion? Found, Problem? Unseen);

/// <summary>What a store keeps of objects that were written over, or are hidden by marks of deletion.</summary>
internal sealed class OlderVersions(IVersionedStore store, ObjectCheck check)
{
    public async Task<OlderVersionSearch> FindAsync(string key, CancellationToken cancellationToken)
    {
        List<StoreVersion> above = [];
        Problem? unseen = null;
        try
        {
            await foreach (var version in store.ListVersionsAsync(key, cancellationToken))
            {
                if (version.Key != key)
                    continue;
                var (bytes, problem) = await ReadAsync(version, cancellationToken);
                unseen ??= problem;
                if (bytes is not null && await check.FindFaultAsync(key, bytes, cancellationToken) is null)
                    return new OlderVersionSearch(new OlderVersion(bytes, above), unseen);
                above.Insert(0, version);
            }
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            unseen = e.Problem; // the credentials may not look at versions
        }
        return new OlderVersionSearch(Found: null, unseen);
    }

    /// <summary>Makes a version the object again: what is above it goes, the current one last, so that there is no moment without the object.</summary>
    /// <returns>False when the store keeps what is above, by a lock or for want of a right; or the object is not whole all the same.</returns>
    public async Task<bool> TryUncoverAsync(
        string key,
        OlderVersion older,
        IStore current,
        CancellationToken cancellationToken
    )
    {
        try
        {
            foreach (var version in older.Above)
                await store.DeleteVersionAsync(version, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return false;
        }
        return await current.FindAsync(key, cancellationToken) is { } bytes
            && bytes.AsSpan().SequenceEqual(older.Bytes);
    }

    /// <summary>Objects of generations that are there no more, and of which older versions are kept; of the parts from which nothing is ever taken but what other objects hold.</summary>
    public async Task<IReadOnlyList<string>> ListHiddenAsync(CancellationToken cancellationToken)
    {
        List<string> hidden = [];
        var (key, isHidden) = ("", false);
        try
        {
            await foreach (var version in store.ListVersionsAsync(VaultObject.GenerationsPrefix, cancellationToken))
            {
                if (version.Key != key)
                    (key, isHidden) = (version.Key, version.IsMark && IsWanted(version.Key));
                if (!isHidden || version.IsMark)
                    continue;
                hidden.Add(key);
                isHidden = false;
            }
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return []; // the credentials may not look at versions: nobody can tell what is missing
        }
        return hidden;
    }

    private async Task<(byte[]? Bytes, Problem? Problem)> ReadAsync(
        StoreVersion version,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await store.FindVersionAsync(version, cancellationToken), null);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return (null, e.Problem);
        }
    }

    /// <summary>Files of keys may have been withdrawn; configs and guides are made anew.</summary>
    private static bool IsWanted(string key) =>
        VaultObject.PartOfVault(key) switch
        {
            VaultPart.Packs or VaultPart.Index or VaultPart.Snapshots or VaultPart.Wal => true,
            VaultPart.GenerationKeys => key.EndsWith('/' + Vault.GenerationKeyName, StringComparison.Ordinal),
            _ => false,
        };
}
