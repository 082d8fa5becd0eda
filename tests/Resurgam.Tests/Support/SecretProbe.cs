using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Tests.Support;

/// <summary>What a secret opens in a store: the vault as we do, and each generation as stock restic does.</summary>
public static class SecretProbe
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<bool> OpensAllAsync(MemoryStore store, string password)
    {
        foreach (var prefix in Prefixes(store))
            if (!await OpensAsync(store, prefix, password))
                return false;
        return true;
    }

    public static async Task<bool> OpensSomethingAsync(MemoryStore store, string password)
    {
        foreach (var prefix in Prefixes(store))
            if (await OpensAsync(store, prefix, password))
                return true;
        return false;
    }

    public static Task<bool> OpensVaultAsync(MemoryStore store, string password) => OpensAsync(store, "", password);

    private static async Task<bool> OpensAsync(MemoryStore store, string prefix, string password) =>
        await Core.Vaults.Repositories.Repository.FindKeyAsync(
            store,
            prefix,
            password,
            new DerivedKeys(),
            null,
            [],
            Token
        )
            is not null;

    private static IEnumerable<string> Prefixes(MemoryStore store) =>
        store
            .Objects.Keys.Where(key => key.EndsWith("/config", StringComparison.Ordinal))
            .Select(key => key[..^"config".Length])
            .Prepend("");
}
