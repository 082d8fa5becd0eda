using System.Runtime.CompilerServices;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Index;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Repositories;

/// <summary>A restic v2 repository below a prefix of a store: a generation of a vault, or one that stock restic made.</summary>
public sealed class Repository : IDisposable
{
    /// <summary>No document is larger: restic cuts indexes at 50,000 blobs, and we shard trees.</summary>
    private const long MostDocumentBytes = 512L << 20;

    private readonly IEntropy _entropy;

    private Repository(
        IStore store,
        string prefix,
        SealingKey key,
        RepositoryConfig config,
        IEntropy entropy,
        IScratch scratch
    )
    {
        Store = store;
        Prefix = prefix;
        Key = key;
        Config = config;
        _entropy = entropy;
        Index = new BlobIndex(scratch);
    }

    public IStore Store { get; }

    /// <summary>Empty, or <c>generations/2026-11/</c>.</summary>
    public string Prefix { get; }

    public SealingKey Key { get; }

    public RepositoryConfig Config { get; }

    /// <summary>Empty until <see cref="LoadIndexAsync"/>.</summary>
    public BlobIndex Index { get; }

    /// <summary>For messages: <c>file:///srv/vault/generations/2026-11</c>.</summary>
    public string Name => $"{Store.Name}/{Prefix}".TrimEnd('/');

    /// <summary>Writes a new config. The key files are the caller's, before: a config marks a repository as made.</summary>
    public static async Task<Repository> CreateAsync(
        IStore store,
        string prefix,
        SealingKey key,
        IEntropy entropy,
        IScratch scratch,
        CancellationToken cancellationToken
    )
    {
        var config = RepositoryConfig.Create(entropy);
        var sealedConfig = Seal(key, entropy, config.Write()); // restic never compresses it
        await store.PutAsync(prefix + "config", sealedConfig, cancellationToken);
        return await OpenAsync(store, prefix, key, entropy, scratch, cancellationToken);
    }

    public static async Task<Repository> OpenAsync(
        IStore store,
        string prefix,
        SealingKey key,
        IEntropy entropy,
        IScratch scratch,
        CancellationToken cancellationToken
    )
    {
        var name = prefix + "config";
        var bytes = await store.FindAsync(name, cancellationToken) ?? throw VaultProblems.Missing(name);
        var config = RepositoryConfig.Read(Open(key, bytes, name));
        return new Repository(store, prefix, key, config, entropy, scratch);
    }

    /// <summary>Tries the key files below a prefix, newest first.</summary>
    /// <returns>Null when the password opens none of them.</returns>
    public static async Task<SealingKey?> FindKeyAsync(
        IStore store,
        string prefix,
        string password,
        CancellationToken cancellationToken
    )
    {
        List<StoreObject> files = [];
        await foreach (var file in store.ListAsync(prefix + "keys/", cancellationToken))
            files.Add(file);
        foreach (var file in files.OrderByDescending(file => file.WrittenAt))
        {
            var bytes = await store.FindAsync(file.Key, cancellationToken);
            if (bytes is null)
                continue; // withdrawn meanwhile
            if (!file.Key.EndsWith(BlobId.Of(bytes).Hex, StringComparison.Ordinal))
                throw VaultProblems.Damaged(file.Key, "its bytes do not match its name");
            if (KeyDocument.Read(bytes).TryOpen(password, out var key))
                return key;
        }
        return null;
    }

    public string KeyOf(FileKind kind, BlobId id) =>
        kind switch
        {
            FileKind.Pack => $"{Prefix}data/{id.Hex[..2]}/{id.Hex}",
            _ => FolderOf(kind) + id.Hex,
        };

    /// <summary>Stores bytes under their own hash; bytes that are there already are left as they are.</summary>
    public Task PutAsync(FileKind kind, BlobId id, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        Store.PutAsync(KeyOf(kind, id), bytes, cancellationToken);

    /// <summary>Compresses, seals and stores a document.</summary>
    /// <returns>Its id, and its length in the store.</returns>
    public async Task<(BlobId Id, int LengthBytes)> PutJsonAsync(
        FileKind kind,
        byte[] json,
        CancellationToken cancellationToken
    )
    {
        var bytes = Seal(Key, _entropy, StoredJson.Pack(json));
        var id = BlobId.Of(bytes);
        await PutAsync(kind, id, bytes, cancellationToken);
        return (id, bytes.Length);
    }

    /// <returns>The document, verified, opened and decompressed; null when it is not there.</returns>
    public async Task<byte[]?> FindJsonAsync(FileKind kind, BlobId id, CancellationToken cancellationToken)
    {
        var name = KeyOf(kind, id);
        var bytes = await Store.FindAsync(name, cancellationToken);
        if (bytes is null)
            return null;
        if (BlobId.Of(bytes) != id)
            throw VaultProblems.Damaged(name, "its bytes do not match its name");
        return StoredJson.Unpack(Open(Key, bytes, name), MostDocumentBytes);
    }

    /// <summary>The ids of all files of a kind; names that are no ids are passed over, as restic does.</summary>
    public async IAsyncEnumerable<(BlobId Id, StoreObject File)> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var file in Store.ListAsync(FolderOf(kind), cancellationToken))
            if (BlobId.TryParse(file.Key[(file.Key.LastIndexOf('/') + 1)..], out var id))
                yield return (id, file);
    }

    /// <summary>Reads every index file that is not loaded yet.</summary>
    public async Task LoadIndexAsync(CancellationToken cancellationToken)
    {
        await foreach (var (id, file) in ListAsync(FileKind.Index, cancellationToken))
        {
            var json = await FindJsonAsync(FileKind.Index, id, cancellationToken);
            if (json is null)
                throw VaultProblems.Missing(file.Key);
            foreach (var pack in IndexDocument.Read(json))
                Index.Add(pack);
        }
    }

    public void Dispose() => Index.Dispose();

    private string FolderOf(FileKind kind) =>
        kind switch
        {
            FileKind.Pack => $"{Prefix}data/",
            FileKind.Index => $"{Prefix}index/",
            FileKind.Snapshot => $"{Prefix}snapshots/",
            FileKind.Key => $"{Prefix}keys/",
            FileKind.Lock => $"{Prefix}locks/",
        };

    private static byte[] Seal(SealingKey key, IEntropy entropy, ReadOnlySpan<byte> plain)
    {
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        entropy.Fill(iv);
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        key.Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    private static byte[] Open(SealingKey key, ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < SealingKey.OverheadBytes)
            throw VaultProblems.Damaged(name, "it is shorter than a seal");
        var plain = new byte[bytes.Length - SealingKey.OverheadBytes];
        return key.TryOpen(bytes, plain) ? plain : throw VaultProblems.Damaged(name, "its seal is broken");
    }
}
