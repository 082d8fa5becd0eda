using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults;

/// <summary>Checks what we need of a store by doing it, once, before a vault is made there.</summary>
internal static class StoreProbe
{
    /// <exception cref="ResurgamException">The store claims to be one and does not keep the contract.</exception>
    public static async Task CheckAsync(IStore store, IEntropy entropy, CancellationToken cancellationToken)
    {
        var bytes = new byte[64];
        entropy.Fill(bytes);
        var key = $"probe-{Convert.ToHexStringLower(bytes.AsSpan(0, 8))}";
        await store.PutAsync(key, bytes, cancellationToken);
        try
        {
            await CheckAsync(store, key, bytes, cancellationToken);
        }
        finally
        {
            await DeleteAsync(store, key, cancellationToken);
        }
    }

    private static async Task CheckAsync(IStore store, string key, byte[] bytes, CancellationToken cancellationToken)
    {
        var other = bytes.Reverse().ToArray();
        if (await store.PutAsync(key, other, cancellationToken))
            throw Unfit(store, "an object that exists was written again");
        var read = await store.FindAsync(key, cancellationToken);
        if (read is null || !read.AsSpan().SequenceEqual(bytes))
            throw Unfit(store, "an object did not read back as it was written");
        var range = new byte[16];
        if (
            await store.ReadAsync(key, 8, range, cancellationToken) != range.Length
            || !range.AsSpan().SequenceEqual(bytes.AsSpan(8, 16))
        )
            throw Unfit(store, "a range of an object did not read back");
        var isListed = false;
        await foreach (var item in store.ListAsync(key, cancellationToken))
            isListed |= item.Key == key;
        if (!isListed)
            throw Unfit(store, "an object that was written is not listed");
        if (
            store is IPromisingStore promising
            && await promising.FindBrokenPromiseAsync(key, cancellationToken) is { } broken
        )
            throw Unfit(
                store,
                broken,
                "The plan asks for it ('storage-class', 'encryption' or 'object-lock'): set the bucket and the server up for it, or remove the key from the plan."
            );
    }

    /// <summary>Credentials that may only write are as they should be; the probe stays and is passed over.</summary>
    private static async Task DeleteAsync(IStore store, string key, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeleteAsync(key, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            // Refused for good: no right to delete, or an object lock.
        }
    }

    private static ResurgamException Unfit(
        IStore store,
        string how,
        string hint =
            "Use a store with create-only writes and immediate consistency. Some servers have them only in buckets that keep no versions, and so under no object lock: Ceph does before 20."
    ) => new(new Problem("store-unfit", Remedy.Fix, $"store {store.Name} cannot hold a vault: {how}", hint));
}
