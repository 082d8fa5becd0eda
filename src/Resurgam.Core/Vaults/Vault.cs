using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Core.Vaults;

/// <summary>The place where sealed copies live: a store, its key, and a restic repository for each month.</summary>
/// <remarks>
/// A store that holds a plain restic repository opens as a foreign vault: one generation, read only. Not thread-safe.
/// </remarks>
public sealed class Vault : IDisposable
{
    private const string GenerationsPrefix = "generations/";
    private const string GenerationKeyName = "resurgam.key";
    private const string KeysPrefix = "keys/";

    /// <summary>About 0.1 s and 32 MiB for each guess.</summary>
    private static readonly ScryptCost Cost = new(32768, 8, 1);

    private readonly string _password;
    private readonly SealingKey _key;
    private readonly VaultHost _host;
    private readonly Dictionary<string, Repository> _open = new(StringComparer.Ordinal);

    private Vault(IStore store, string password, SealingKey key, VaultDescriptor? descriptor, VaultHost host)
    {
        (Store, _password, _key, Descriptor, _host) = (store, password, key, descriptor, host);
    }

    public IStore Store { get; }

    /// <summary>Null for a foreign vault.</summary>
    public VaultDescriptor? Descriptor { get; }

    public VaultHost Host => _host;

    /// <summary>Makes a vault in a store that has none. Of two makers at once one is told <c>vault-exists</c>.</summary>
    public static async Task<Vault> CreateAsync(
        IStore store,
        string password,
        VaultHost host,
        CancellationToken cancellationToken
    )
    {
        if (
            await store.HeadAsync(VaultDescriptor.Key, cancellationToken) is not null
            || await store.HeadAsync("config", cancellationToken) is not null
        )
            throw VaultProblems.Exists(store.Name);

        await StoreProbe.CheckAsync(store, host.Entropy, cancellationToken);
        var key = SealingKey.Create(host.Entropy);
        var keyFile = NewKeyFile(key, password, host);
        await store.PutAsync(KeysPrefix + BlobId.Of(keyFile).Hex, keyFile, cancellationToken);
        await store.PutAsync("RESTORE.md", RestoreGuide.Utf8, cancellationToken);

        VaultDescriptor descriptor = new()
        {
            Format = VaultDescriptor.CurrentFormat,
            Id = NewId(host.Entropy),
            Created = host.Time.GetUtcNow(),
            KeyCheck = KeyCheck(key),
        };
        // Last: a vault exists when its descriptor does.
        if (!await store.PutAsync(VaultDescriptor.Key, descriptor.Write(), cancellationToken))
            throw VaultProblems.Exists(store.Name);
        return new Vault(store, password, key, descriptor, host);
    }

    public static async Task<Vault> OpenAsync(
        IStore store,
        string password,
        VaultHost host,
        CancellationToken cancellationToken
    )
    {
        var descriptor = await FindDescriptorAsync(store, cancellationToken);
        if (descriptor is null)
            return await OpenForeignAsync(store, password, host, cancellationToken);
        var key = await FindKeyAsync(store, password, descriptor, cancellationToken);
        return new Vault(store, password, key ?? throw VaultProblems.WrongSecret(store.Name), descriptor, host);
    }

    /// <returns>What anyone may know; null when the store has no vault, or a plain restic repository.</returns>
    public static async Task<VaultDescriptor?> FindDescriptorAsync(IStore store, CancellationToken cancellationToken)
    {
        var json = await store.FindAsync(VaultDescriptor.Key, cancellationToken);
        return json is null ? null : VaultDescriptor.Read(json, store.Name);
    }

    /// <summary>Names of the generations, oldest first: <c>2026-11</c>. A foreign vault has one without a name.</summary>
    public async Task<IReadOnlyList<string>> ListGenerationsAsync(CancellationToken cancellationToken)
    {
        if (Descriptor is null)
            return [""];
        SortedSet<string> names = new(StringComparer.Ordinal);
        await foreach (var item in Store.ListAsync(GenerationsPrefix, cancellationToken))
            if (item.Key.EndsWith("/" + GenerationKeyName, StringComparison.Ordinal))
                names.Add(item.Key.Split('/')[1]);
        return [.. names];
    }

    /// <summary>The repository of a generation, opened once.</summary>
    public async Task<Repository> OpenGenerationAsync(string name, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(name, out var repository))
            return repository;
        var prefix = PrefixOf(name);
        var key = Descriptor is null ? _key : await ReadGenerationKeyAsync(prefix, cancellationToken);
        repository = await Repository.OpenAsync(Store, prefix, key, _host.Entropy, _host.Scratch, cancellationToken);
        _open.Add(name, repository);
        return repository;
    }

    /// <summary>The generation of this month, made when there is none. Goes on where a killed maker stopped.</summary>
    public async Task<Repository> OpenCurrentGenerationAsync(CancellationToken cancellationToken)
    {
        if (Descriptor is null)
            throw VaultProblems.ReadOnlyRepository(Store.Name);
        var name = _host.Time.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var prefix = PrefixOf(name);
        if (await Store.HeadAsync(prefix + "config", cancellationToken) is not null)
            return await OpenGenerationAsync(name, cancellationToken);

        var wrapped = Seal(MasterKeyBytes(SealingKey.Create(_host.Entropy)));
        await Store.PutAsync(prefix + GenerationKeyName, wrapped, cancellationToken);
        var key = await ReadGenerationKeyAsync(prefix, cancellationToken); // ours, or that of who was first
        var keyFile = NewKeyFile(key, _password, _host);
        await Store.PutAsync($"{prefix}keys/{BlobId.Of(keyFile).Hex}", keyFile, cancellationToken);
        await Store.PutAsync(prefix + "RESTORE.md", RestoreGuide.Utf8, cancellationToken);
        var (entropy, scratch) = (_host.Entropy, _host.Scratch);
        var repository = await Repository.CreateAsync(Store, prefix, key, entropy, scratch, cancellationToken);
        _open.Add(name, repository);
        return repository;
    }

    /// <summary>Every snapshot of every generation, oldest first.</summary>
    /// <param name="asset">Null for all.</param>
    public async Task<IReadOnlyList<SnapshotEntry>> ListSnapshotsAsync(
        string? asset,
        CancellationToken cancellationToken
    )
    {
        List<SnapshotEntry> snapshots = [];
        foreach (var name in await ListGenerationsAsync(cancellationToken))
        {
            if (Descriptor is not null && await Store.HeadAsync(PrefixOf(name) + "config", cancellationToken) is null)
                continue; // its maker was killed before it was whole
            var repository = await OpenGenerationAsync(name, cancellationToken);
            await foreach (var snapshot in ListSnapshotsAsync(repository, cancellationToken))
                if (asset is null || snapshot.Asset == asset)
                    snapshots.Add(snapshot);
        }
        return [.. snapshots.OrderBy(snapshot => snapshot.Document.Time)];
    }

    public static async IAsyncEnumerable<SnapshotEntry> ListSnapshotsAsync(
        Repository repository,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var (id, _) in repository.ListAsync(FileKind.Snapshot, cancellationToken))
        {
            var json = await repository.FindJsonAsync(FileKind.Snapshot, id, cancellationToken);
            if (json is not null)
                yield return new SnapshotEntry(repository, id, SnapshotDocument.Read(json));
        }
    }

    /// <summary>Finds one snapshot by the first digits of its id, or <c>latest</c>.</summary>
    /// <param name="asset">Null: among all.</param>
    public async Task<SnapshotEntry> GetSnapshotAsync(string wanted, string? asset, CancellationToken cancellationToken)
    {
        var all = await ListSnapshotsAsync(asset, cancellationToken);
        var where = asset is null ? Store.Name : $"{Store.Name} of asset {asset}";
        if (wanted == "latest")
            return all.Count > 0 ? all[^1] : throw VaultProblems.NoSnapshot(wanted, where);
        var matching = all.Where(snapshot => snapshot.Id.Hex.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return matching switch
        {
            [var one] => one,
            [] => throw VaultProblems.NoSnapshot(wanted, where),
            _ => throw VaultProblems.AmbiguousSnapshot(wanted, matching.Count),
        };
    }

    public void Dispose()
    {
        foreach (var repository in _open.Values)
            repository.Dispose();
    }

    private static async Task<Vault> OpenForeignAsync(
        IStore store,
        string password,
        VaultHost host,
        CancellationToken cancellationToken
    )
    {
        if (await store.HeadAsync("config", cancellationToken) is null)
            throw VaultProblems.NoVault(store.Name);
        var key = await Repository.FindKeyAsync(store, "", password, cancellationToken);
        return new Vault(store, password, key ?? throw VaultProblems.WrongSecret(store.Name), descriptor: null, host);
    }

    private static async Task<SealingKey?> FindKeyAsync(
        IStore store,
        string password,
        VaultDescriptor descriptor,
        CancellationToken cancellationToken
    )
    {
        var key = await Repository.FindKeyAsync(store, "", password, cancellationToken);
        // A second maker of the vault that lost may have left a key file that our password opens too.
        return key is null || KeyCheck(key) == descriptor.KeyCheck
            ? key
            : throw VaultProblems.Damaged(KeysPrefix, "a key file is not one of this vault");
    }

    private async Task<SealingKey> ReadGenerationKeyAsync(string prefix, CancellationToken cancellationToken)
    {
        var name = prefix + GenerationKeyName;
        var wrapped = await Store.FindAsync(name, cancellationToken) ?? throw VaultProblems.Missing(name);
        var bytes = new byte[64];
        if (wrapped.Length != bytes.Length + SealingKey.OverheadBytes || !_key.TryOpen(wrapped, bytes))
            throw VaultProblems.Damaged(name, "its seal is broken");
        return new SealingKey(bytes.AsSpan(0, 32), bytes.AsSpan(32, 16), bytes.AsSpan(48, 16));
    }

    private byte[] Seal(ReadOnlySpan<byte> plain)
    {
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        _host.Entropy.Fill(iv);
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        _key.Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    private static byte[] NewKeyFile(SealingKey key, string password, VaultHost host) =>
        KeyDocument
            .Create(
                key,
                password,
                host.Entropy,
                host.Time.GetUtcNow(),
                host.Identity.Hostname,
                host.Identity.Username,
                Cost
            )
            .Write();

    private static byte[] MasterKeyBytes(SealingKey key) => [.. key.Encrypt, .. key.MacK, .. key.MacR];

    private static string KeyCheck(SealingKey key) =>
        Convert.ToHexStringLower(SHA256.HashData([.. "resurgam vault key "u8, .. MasterKeyBytes(key)]));

    private static string NewId(IEntropy entropy)
    {
        Span<byte> id = stackalloc byte[16];
        entropy.Fill(id);
        return Convert.ToHexStringLower(id);
    }

    private static string PrefixOf(string generation) =>
        generation.Length == 0 ? "" : $"{GenerationsPrefix}{generation}/";
}
