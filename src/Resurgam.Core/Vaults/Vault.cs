using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Keys;
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
    internal const string GenerationsPrefix = "generations/";
    internal const string GenerationKeyName = "resurgam.key";

    /// <summary>Below a generation's prefix: it is no more. Layout: docs/formats/expiry.md.</summary>
    internal const string ExpiryMarkName = "expired";

    private readonly string _password;

    /// <summary>Null when its files are damaged: then the generations open by their own, and no new one can be made.</summary>
    private readonly SealingKey? _key;
    private readonly VaultHost _host;
    private readonly Dictionary<string, Repository> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _expired = new(StringComparer.Ordinal);

    private Vault(IStore store, string password, SealingKey? key, VaultDescriptor? descriptor, VaultHost host)
    {
        (Store, LedgerStore, _password, _key, Descriptor, _host) = (store, store, password, key, descriptor, host);
    }

    public IStore Store { get; }

    /// <summary>Where the ledger is read and written: <see cref="Store"/>, unless another place of the vault leads it.</summary>
    public IStore LedgerStore { get; set; }

    /// <summary>Another place of the vault leads the ledger.</summary>
    public bool HasLedgerElsewhere => !ReferenceEquals(LedgerStore, Store);

    /// <summary>Null for a foreign vault.</summary>
    public VaultDescriptor? Descriptor { get; }

    public VaultHost Host => _host;

    internal string Password => _password;

    /// <summary>The key file that the password opened; null when there is none, or that is not known.</summary>
    internal string? OpenedBy { get; private init; }

    /// <exception cref="ResurgamException"><c>vault-foreign</c>: a plain repository has none; <c>vault-damaged</c>: it is lost.</exception>
    internal SealingKey RequiredKey =>
        Descriptor is null ? throw VaultProblems.ReadOnlyRepository(Store.Name) : _key ?? throw LostKey();

    internal SealingKey? Key => _key;

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
        await VaultKeys.PutFirstAsync(store, key, password, host, cancellationToken);
        await store.PutAsync(RestoreGuide.Name, RestoreGuide.Utf8, cancellationToken);

        VaultDescriptor descriptor = new()
        {
            Format = VaultDescriptor.CurrentFormat,
            Id = NewId(host.Entropy),
            Created = host.Time.GetUtcNow(),
            KeyCheck = KeyCheck(key),
            SigningKeys = [new LedgerSecret(key).Root.PublicBase64],
        };
        // Last: a vault exists when its descriptor does.
        if (!await store.PutAsync(VaultDescriptor.Key, descriptor.Write(), cancellationToken))
            throw VaultProblems.Exists(store.Name);
        return new Vault(store, password, key, descriptor, host);
    }

    /// <summary>The ledger of this vault, read from where it is led or from a copy of that.</summary>
    /// <param name="store">Null for <see cref="LedgerStore"/>.</param>
    /// <exception cref="ResurgamException"><c>vault-foreign</c>: a plain repository has none; <c>vault-damaged</c>: the vault's key is lost.</exception>
    public Ledger OpenLedger(IStore? store = null)
    {
        var id = (Descriptor ?? throw VaultProblems.ReadOnlyRepository(Store.Name)).Id;
        return new Ledger(store ?? LedgerStore, id, new LedgerSecret(_key ?? throw LostKey()));
    }

    /// <summary>A digest of a secret that says nothing to who has not this vault's key: only whether two are the same.</summary>
    /// <returns>HMAC-SHA-256 under a key that is derived from the vault's, 64 hexadecimal digits.</returns>
    /// <exception cref="ResurgamException"><c>vault-damaged</c>: the vault's key is lost.</exception>
    public string DigestOf(ReadOnlySpan<byte> secret)
    {
        var key = HMACSHA256.HashData(MasterKeyBytes(_key ?? throw LostKey()), "resurgam escrow digest 1"u8);
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, secret));
    }

    /// <summary>No file in <c>keys/</c> gives the key that <c>resurgam.json</c> speaks of; the generations open by their own.</summary>
    public bool HasLostKey => _key is null;

    /// <summary><c>resurgam.json</c> names another signing key than the vault's own: it was changed.</summary>
    public bool HasForeignSigningKey =>
        Descriptor is { SigningKeys.Count: > 0 }
        && _key is not null
        && !Descriptor.SigningKeys.Contains(new LedgerSecret(_key).Root.PublicBase64);

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
        List<ResurgamException> damage = [];
        var found = await Repository.FindKeyAsync(
            store,
            "",
            password,
            host.Derived,
            key => KeyCheck(key) == descriptor.KeyCheck, // a second maker of the vault that lost may have left one, too
            damage,
            cancellationToken
        );
        Vault vault = new(store, password, found?.Key, descriptor, host) { OpenedBy = found?.File };
        if (found is null)
            await vault.RequireGenerationAsync(damage, cancellationToken);
        return vault;
    }

    /// <returns>What anyone may know; null when the store has no vault, or a plain restic repository.</returns>
    public static async Task<VaultDescriptor?> FindDescriptorAsync(IStore store, CancellationToken cancellationToken)
    {
        var json = await store.FindAsync(VaultDescriptor.Key, cancellationToken);
        return json is null ? null : VaultDescriptor.Read(json, store.Name);
    }

    /// <summary>
    /// Names of the generations, oldest first: <c>2026-11</c>. A foreign vault has one without a name. One whose maker was
    /// killed before it was whole does not count, nor does one that has expired; one that has lost something does.
    /// </summary>
    public async Task<IReadOnlyList<string>> ListGenerationsAsync(CancellationToken cancellationToken)
    {
        if (Descriptor is null)
            return [""];
        SortedSet<string> names = new(StringComparer.Ordinal);
        List<string> marked = [];
        await foreach (var item in Store.ListAsync(GenerationsPrefix, cancellationToken))
            if (item.Key.Split('/', 4) is [_, var name, "config" or "data" or "index" or "snapshots" or "wal", ..])
                names.Add(name);
            else if (item.Key.EndsWith('/' + ExpiryMarkName, StringComparison.Ordinal))
                marked.Add(item.Key.Split('/')[1]);
        foreach (var name in marked)
            if (await IsExpiredAsync(name, cancellationToken))
                names.Remove(name);
        return [.. names];
    }

    /// <summary>It carries a mark of this vault: only who has the vault's secret can make one.</summary>
    internal async Task<bool> IsExpiredAsync(string name, CancellationToken cancellationToken)
    {
        if (_expired.Contains(name))
            return true;
        var mark = await Store.FindAsync(PrefixOf(name) + ExpiryMarkName, cancellationToken);
        var isExpired =
            mark?.Length >= SealingKey.OverheadBytes
            && _key?.TryOpen(mark, new byte[mark.Length - SealingKey.OverheadBytes]) == true;
        if (isExpired)
            _expired.Add(name);
        return isExpired;
    }

    /// <summary>The repository of a generation, opened once.</summary>
    public async Task<Repository> OpenGenerationAsync(string name, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(name, out var repository))
            return repository;
        var prefix = PrefixOf(name);
        var key = Descriptor is null ? _key : null;
        key ??= await ReadGenerationKeyAsync(prefix, cancellationToken);
        repository = await Repository.OpenAsync(Store, prefix, key, _host, cancellationToken);
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
        if (await Store.HeadAsync(prefix + Repository.ConfigName, cancellationToken) is not null)
            return await OpenGenerationAsync(name, cancellationToken);

        var wrapped = Seal(MasterKeyBytes(SealingKey.Create(_host.Entropy)));
        await Store.PutAsync(prefix + GenerationKeyName, wrapped, cancellationToken);
        var key = await ReadGenerationKeyAsync(prefix, cancellationToken); // ours, or that of who was first
        await new VaultKeys(this).PutGenerationFilesAsync(prefix, key, cancellationToken);
        await Store.PutAsync(prefix + RestoreGuide.Name, RestoreGuide.Utf8, cancellationToken);
        await Store.PutAsync(
            prefix + Repository.ConfigName,
            Repository.NewConfig(key, _host.Entropy),
            cancellationToken
        );
        return await OpenGenerationAsync(name, cancellationToken); // it may be open: a generation that has lost its config can be read
    }

    /// <summary>Every snapshot of every generation, oldest first. What is damaged is left out, and the host told of it.</summary>
    /// <param name="asset">Null for all.</param>
    public Task<IReadOnlyList<SnapshotEntry>> ListSnapshotsAsync(string? asset, CancellationToken cancellationToken) =>
        ListSnapshotsAsync(asset, [], cancellationToken);

    private async Task<IReadOnlyList<SnapshotEntry>> ListSnapshotsAsync(
        string? asset,
        List<UnreadSnapshot> unread,
        CancellationToken cancellationToken
    )
    {
        List<SnapshotEntry> snapshots = [];
        foreach (var name in await ListGenerationsAsync(cancellationToken))
        {
            if (await TryOpenGenerationAsync(name, cancellationToken) is not { } repository)
                continue;
            await foreach (var snapshot in ListSnapshotsAsync(repository, unread, cancellationToken))
                if (asset is null || snapshot.Asset == asset)
                    snapshots.Add(snapshot);
        }
        return [.. snapshots.OrderBy(snapshot => snapshot.Document.Time)];
    }

    public static IAsyncEnumerable<SnapshotEntry> ListSnapshotsAsync(
        Repository repository,
        CancellationToken cancellationToken
    ) => ListSnapshotsAsync(repository, [], cancellationToken);

    /// <param name="repository">One generation.</param>
    /// <param name="unread">Gets those that are damaged.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    private static async IAsyncEnumerable<SnapshotEntry> ListSnapshotsAsync(
        Repository repository,
        List<UnreadSnapshot> unread,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var (id, file) in repository.ListAsync(FileKind.Snapshot, cancellationToken))
        {
            SnapshotEntry? entry = null;
            var isWhole = await repository.TryAsync(
                file.Key,
                async () =>
                {
                    if (await repository.FindJsonAsync(FileKind.Snapshot, id, cancellationToken) is { } json)
                        entry = new SnapshotEntry(repository, id, SnapshotDocument.Read(json));
                }
            );
            if (!isWhole)
                unread.Add(new UnreadSnapshot(id, file.Key, file.WrittenAt));
            if (entry is not null)
                yield return entry;
        }
    }

    /// <summary>Finds one snapshot by the first digits of its id, or <c>latest</c>.</summary>
    /// <param name="asset">Null: among all.</param>
    public async Task<SnapshotEntry> GetSnapshotAsync(string wanted, string? asset, CancellationToken cancellationToken)
    {
        List<UnreadSnapshot> unread = [];
        var all = await ListSnapshotsAsync(asset, unread, cancellationToken);
        var where = asset is null ? Store.Name : $"{Store.Name} of asset {asset}";
        if (wanted == "latest")
        {
            if (all.Count == 0)
                throw unread.Count == 0
                    ? VaultProblems.NoSnapshot(wanted, where)
                    : VaultProblems.Unread(unread[^1].Key);
            await TellOlderAsync(all[^1], asset, unread, cancellationToken);
            return all[^1];
        }
        var matching = all.Where(snapshot => snapshot.Id.Hex.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return matching switch
        {
            [var one] => one,
            [] => throw (
                unread.Find(one => one.Id.Hex.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)) is { } damaged
                    ? VaultProblems.Unread(damaged.Key)
                    : VaultProblems.NoSnapshot(wanted, where)
            ),
            _ => throw VaultProblems.AmbiguousSnapshot(wanted, matching.Count),
        };
    }

    /// <summary>A newer one is there and cannot be read: who gets the older one has to know it.</summary>
    private async Task TellOlderAsync(
        SnapshotEntry taken,
        string? asset,
        List<UnreadSnapshot> unread,
        CancellationToken cancellationToken
    )
    {
        foreach (var damaged in unread.Where(one => one.WrittenAt > taken.TakenAt).OrderBy(one => one.WrittenAt))
        {
            var told = await FindToldAsync(damaged.Id, cancellationToken);
            var isOther =
                told is { } known && (known.TakenAt <= taken.TakenAt || (asset is not null && known.Asset != asset));
            if (!isOther)
                _host.Damaged(VaultProblems.Older(taken, damaged.Id, told?.Asset, told?.TakenAt ?? damaged.WrittenAt));
        }
    }

    /// <returns>Of which asset a snapshot is, as the ledger tells it; null when it does not, or cannot be read.</returns>
    private async Task<(string Asset, DateTimeOffset TakenAt)?> FindToldAsync(
        BlobId snapshot,
        CancellationToken cancellationToken
    )
    {
        if (Descriptor is null || HasLostKey)
            return null;
        try
        {
            var ledger = OpenLedger(Store);
            foreach (var stream in await ledger.ListStreamsAsync(cancellationToken))
                if (stream.FindAsset() is { } asset)
                    await foreach (var entry in ledger.ReadAsync(stream, 1, cancellationToken))
                        if (
                            entry.Kind == EntryKind.Backup
                            && AssetEvent.TryRead(entry) is AssetEvent.Backup backup
                            && backup.Snapshot == snapshot
                        )
                            return (asset, backup.TakenAt);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            _host.Damaged(e.Problem);
        }
        return null;
    }

    private sealed record UnreadSnapshot(BlobId Id, string Key, DateTimeOffset WrittenAt);

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
        List<ResurgamException> damage = [];
        var (key, file) =
            await Repository.FindKeyAsync(store, "", password, host.Derived, isWanted: null, damage, cancellationToken)
            ?? throw NoKey(store, damage);
        return new Vault(store, password, key, descriptor: null, host) { OpenedBy = file };
    }

    /// <summary>Without the vault's own key: proves that the password opens a generation, which is all that is needed to read it.</summary>
    private async Task RequireGenerationAsync(List<ResurgamException> damage, CancellationToken cancellationToken)
    {
        if (damage.Count == 0)
            throw VaultProblems.WrongSecret(Store.Name);
        foreach (var name in await ListGenerationsAsync(cancellationToken))
            if (await FindOwnKeyAsync(PrefixOf(name), cancellationToken) is not null)
            {
                _host.Damaged(damage[0].Problem);
                return;
            }
        throw damage[0];
    }

    private static ResurgamException NoKey(IStore store, List<ResurgamException> damage) =>
        damage.Count == 0 ? VaultProblems.WrongSecret(store.Name) : damage[0];

    /// <returns>Null when it cannot be opened for damage; the host was told.</returns>
    public async Task<Repository?> TryOpenGenerationAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenGenerationAsync(name, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            _host.Damaged(e.Problem);
            return null;
        }
    }

    /// <summary>By the vault's key; when that way is damaged, by the generation's own key file, which stock restic uses.</summary>
    private async Task<SealingKey> ReadGenerationKeyAsync(string prefix, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenGenerationKeyAsync(prefix, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            var key = await FindOwnKeyAsync(prefix, cancellationToken);
            if (key is null)
                throw;
            _host.Damaged(e.Problem);
            return key;
        }
    }

    private async Task<SealingKey?> FindOwnKeyAsync(string prefix, CancellationToken cancellationToken) =>
        (
            await Repository.FindKeyAsync(
                Store,
                prefix,
                _password,
                _host.Derived,
                isWanted: null,
                [],
                cancellationToken
            )
        )?.Key;

    /// <exception cref="ResurgamException">It is missing or damaged, or the vault's key is.</exception>
    internal Task CheckGenerationKeyAsync(string name, CancellationToken cancellationToken) =>
        Descriptor is null || _key is null
            ? Task.CompletedTask
            : OpenGenerationKeyAsync(PrefixOf(name), cancellationToken);

    internal Task<SealingKey> GetGenerationKeyAsync(string name, CancellationToken cancellationToken) =>
        ReadGenerationKeyAsync(PrefixOf(name), cancellationToken);

    private async Task<SealingKey> OpenGenerationKeyAsync(string prefix, CancellationToken cancellationToken)
    {
        var name = prefix + GenerationKeyName;
        var vaultKey = _key ?? throw LostKey();
        var wrapped = await Store.FindAsync(name, cancellationToken) ?? throw VaultProblems.Missing(name);
        var bytes = new byte[64];
        if (wrapped.Length != bytes.Length + SealingKey.OverheadBytes || !vaultKey.TryOpen(wrapped, bytes))
            throw VaultProblems.Damaged(name, "its seal is broken");
        return new SealingKey(bytes.AsSpan(0, 32), bytes.AsSpan(32, 16), bytes.AsSpan(48, 16));
    }

    private static ResurgamException LostKey() =>
        VaultProblems.Damaged(VaultKeys.Prefix, "none of its files opens the vault's key");

    internal byte[] Seal(ReadOnlySpan<byte> plain)
    {
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        _host.Entropy.Fill(iv);
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        (_key ?? throw LostKey()).Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    internal static byte[] NewKeyFile(SealingKey key, string password, VaultHost host) =>
        KeyDocument
            .Create(
                key,
                password,
                host.Entropy,
                host.Time.GetUtcNow(),
                host.Identity.Hostname,
                host.Identity.Username,
                host.KeyCost
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

    internal static bool AreEqual(SealingKey left, SealingKey right) =>
        CryptographicOperations.FixedTimeEquals(MasterKeyBytes(left), MasterKeyBytes(right));

    internal static string PrefixOf(string generation) =>
        generation.Length == 0 ? "" : $"{GenerationsPrefix}{generation}/";
}
