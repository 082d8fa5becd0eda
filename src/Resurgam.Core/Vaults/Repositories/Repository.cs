using System.Runtime.CompilerServices;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Index;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Repositories;

/// <summary>A restic v2 repository below a prefix of a store: a generation of a vault, or one that stock restic made.</summary>
public sealed class Repository : IDisposable
{
    /// <summary>No document is larger: restic cuts indexes at 50,000 blobs, and we shard trees.</summary>
    private const long MostDocumentBytes = 512L << 20;

    internal const string ConfigName = "config";

    private readonly VaultHost _host;
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private Repository(IStore store, string prefix, SealingKey key, VaultHost host)
    {
        (Store, Prefix, Key, _host) = (store, prefix, key, host);
        Index = new BlobIndex(host.Scratch);
    }

    public IStore Store { get; }

    /// <summary>Empty, or <c>generations/2026-11/</c>.</summary>
    public string Prefix { get; }

    public SealingKey Key { get; }

    /// <summary>Empty until <see cref="LoadIndexAsync"/>.</summary>
    public BlobIndex Index { get; }

    /// <summary>For messages: <c>file:///srv/vault/generations/2026-11</c>.</summary>
    public string Name => $"{Store.Name}/{Prefix}".TrimEnd('/');

    /// <summary>
    /// A config with an id and a polynomial of its own, sealed: any does for what is in the repository already. The key files come
    /// before it: it marks a repository as made.
    /// </summary>
    internal static byte[] NewConfig(SealingKey key, IEntropy entropy) =>
        Seal(key, entropy, RepositoryConfig.Create(entropy).Write()); // restic never compresses it

    /// <summary>Needs the key alone. The config says nothing that we use: one that is damaged is told, and keeps only stock restic out.</summary>
    public static async Task<Repository> OpenAsync(
        IStore store,
        string prefix,
        SealingKey key,
        VaultHost host,
        CancellationToken cancellationToken
    )
    {
        Repository repository = new(store, prefix, key, host);
        try
        {
            await repository.CheckConfigAsync(cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Code is VaultProblems.DamagedCode or VaultProblems.MissingCode)
        {
            host.Damaged(
                e.Problem with
                {
                    Hint =
                        "Everything restores without it. Stock restic needs it: 'resurgam vault heal' brings it back, or makes it anew.",
                }
            );
        }
        return repository;
    }

    /// <exception cref="ResurgamException">It is missing, damaged, or of a version that we do not know.</exception>
    internal async Task CheckConfigAsync(CancellationToken cancellationToken)
    {
        var name = Prefix + ConfigName;
        var bytes = await Store.FindAsync(name, cancellationToken) ?? throw VaultProblems.Missing(name);
        RepositoryConfig.Read(Open(Key, bytes, name));
    }

    /// <summary>Tries the key files below a prefix, newest first, the damaged ones too: a password that opens one has proven it.</summary>
    /// <param name="derived">Takes what guesses cost, too.</param>
    /// <param name="isWanted">Tells the key from others that the password opens; null takes any.</param>
    /// <param name="damage">Takes what is wrong with the files that did not serve.</param>
    /// <returns>The key, and the key file that held it; null when the password opens none of them.</returns>
    public static async Task<(SealingKey Key, string File)?> FindKeyAsync(
        IStore store,
        string prefix,
        string password,
        DerivedKeys derived,
        Predicate<SealingKey>? isWanted,
        ICollection<ResurgamException> damage,
        CancellationToken cancellationToken
    )
    {
        List<StoreObject> files = [];
        await foreach (var file in store.ListAsync(prefix + "keys/", cancellationToken))
            files.Add(file);
        if (files.Count == 0)
            damage.Add(VaultProblems.Missing(prefix + "keys/"));
        foreach (var file in files.OrderByDescending(file => file.WrittenAt))
        {
            var bytes = await store.FindAsync(file.Key, cancellationToken);
            if (bytes is null)
                continue; // withdrawn meanwhile
            if (!file.Key.EndsWith(BlobId.Of(bytes).Hex, StringComparison.Ordinal))
                damage.Add(VaultProblems.Damaged(file.Key, "its bytes do not match its name"));
            if (TryOpenKey(bytes, file.Key, password, derived, damage) is not { } key)
                continue;
            if (isWanted is null || isWanted(key))
                return (key, file.Key);
            damage.Add(VaultProblems.Damaged(file.Key, "it holds another key than the vault's"));
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
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    )
    {
        using NativeBuffer buffer = new(StoredJson.MostPackedBytes(json.Length) + SealingKey.OverheadBytes);
        var length = StoredJson.Pack(json.Span, buffer.GetSpan()[SealingKey.IvBytes..]);
        var bytes = buffer.Memory[..(length + SealingKey.OverheadBytes)];
        // It lies where its ciphertext goes.
        Seal(Key, _host.Entropy, bytes.Span.Slice(SealingKey.IvBytes, length), bytes.Span);
        var id = BlobId.Of(bytes.Span);
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
        CheckName(bytes, id, name);
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

    /// <summary>Reads every index file. One that is damaged hurts the blobs that it alone names, and no other.</summary>
    /// <returns>False when there is such a one; the host was told.</returns>
    public async Task<bool> LoadIndexAsync(CancellationToken cancellationToken)
    {
        var isWhole = true;
        await ReadIndexesAsync(
            async (key, read) =>
            {
                if (!await TryAsync(key, read))
                    isWhole = false;
            },
            cancellationToken
        );
        return isWhole;
    }

    /// <param name="guard">Gets the key of each index file and what reads it, several at once.</param>
    internal async Task ReadIndexesAsync(Func<string, Func<Task>, Task> guard, CancellationToken cancellationToken)
    {
        List<(BlobId Id, StoreObject File)> files = [];
        await foreach (var file in ListAsync(FileKind.Index, cancellationToken))
            files.Add(file);
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = _host.Workers, CancellationToken = cancellationToken },
            async (file, token) =>
                await guard(
                    file.File.Key,
                    async () =>
                    {
                        foreach (var pack in await ReadIndexAsync(file.Id, file.File, token))
                            Index.Add(pack);
                    }
                )
        );
    }

    private async Task<List<IndexedPack>> ReadIndexAsync(
        BlobId id,
        StoreObject file,
        CancellationToken cancellationToken
    )
    {
        if (file.LengthBytes > MostDocumentBytes)
            throw VaultProblems.Damaged(file.Key, $"it has {file.LengthBytes} bytes, more than any index");
        using NativeBuffer buffer = new((int)file.LengthBytes);
        var length = await Store.ReadAsync(file.Key, 0, buffer.Memory, cancellationToken);
        if (length < 0)
            throw VaultProblems.Missing(file.Key);
        var bytes = buffer.GetSpan()[..length];
        CheckName(bytes, id, file.Key);
        using NativeBuffer packed = new(length);
        var content = packed.GetSpan()[..PlainLengthOf(bytes, file.Key)];
        Open(Key, bytes, file.Key, content);
        using NativeBuffer json = new(length);
        var jsonBytes = StoredJson.Unpack(content, MostDocumentBytes, json);
        return IndexDocument.Read(json.GetSpan()[..jsonBytes]);
    }

    /// <summary>Passes over damage of one object; the host is told of it once.</summary>
    /// <returns>False when it is damaged.</returns>
    internal async Task<bool> TryAsync(string key, Func<Task> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            lock (_told)
                if (_told.Add(key))
                    _host.Damaged(e.Problem);
            return false;
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

    private static SealingKey? TryOpenKey(
        byte[] bytes,
        string name,
        string password,
        DerivedKeys derived,
        ICollection<ResurgamException> damage
    )
    {
        try
        {
            var document = KeyDocument.Read(bytes);
            return document.TryOpen(derived.Get(document, password), out var key) ? key : null;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            damage.Add(VaultProblems.Damaged(name, e.Problem.What));
            return null;
        }
    }

    private static byte[] Seal(SealingKey key, IEntropy entropy, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        Seal(key, entropy, plain, sealedBytes);
        return sealedBytes;
    }

    private static void Seal(SealingKey key, IEntropy entropy, ReadOnlySpan<byte> plain, Span<byte> sealedBytes)
    {
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        entropy.Fill(iv);
        key.Seal(plain, iv, sealedBytes);
    }

    private static void CheckName(ReadOnlySpan<byte> bytes, BlobId id, string name)
    {
        if (BlobId.Of(bytes) != id)
            throw VaultProblems.Damaged(name, "its bytes do not match its name");
    }

    private static byte[] Open(SealingKey key, ReadOnlySpan<byte> bytes, string name)
    {
        var plain = new byte[PlainLengthOf(bytes, name)];
        Open(key, bytes, name, plain);
        return plain;
    }

    private static int PlainLengthOf(ReadOnlySpan<byte> bytes, string name) =>
        bytes.Length >= SealingKey.OverheadBytes
            ? bytes.Length - SealingKey.OverheadBytes
            : throw VaultProblems.Damaged(name, "it is shorter than a seal");

    private static void Open(SealingKey key, ReadOnlySpan<byte> bytes, string name, Span<byte> plain)
    {
        if (!key.TryOpen(bytes, plain))
            throw VaultProblems.Damaged(name, "its seal is broken");
    }
}
