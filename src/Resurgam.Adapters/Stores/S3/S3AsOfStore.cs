using System.Globalization;
using System.Runtime.CompilerServices;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>A bucket that keeps versions, read as it was at a moment: what was deleted or replaced since is there as it was.</summary>
/// <remarks>Reads the list of all versions once, at the first question: some 300 bytes of memory an object.</remarks>
public sealed class S3AsOfStore(S3Store store, DateTimeOffset asOf) : IStore, IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private SortedDictionary<string, Version>? _then;

    public string Name =>
        string.Create(CultureInfo.InvariantCulture, $"{store.Name} as of {asOf.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        StoreKey.Check(key);
        throw S3Problems.AsOfRefused(Name, $"write {key}");
    }

    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        await FindVersionAsync(key, cancellationToken) is { } version
            ? await store.FindAsync(key, version.Id, cancellationToken)
            : null;

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        if (await FindVersionAsync(key, cancellationToken) is not { } version)
            return -1;
        return buffer.IsEmpty ? 0 : await store.ReadAsync(key, version.Id, offset, buffer, cancellationToken);
    }

    public async Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        (await FindVersionAsync(key, cancellationToken))?.Object;

    public async IAsyncEnumerable<StoreObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var (key, version) in await ReadThenAsync(cancellationToken))
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                yield return version.Object;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        StoreKey.Check(key);
        throw S3Problems.AsOfRefused(Name, $"delete {key}");
    }

    public void Dispose()
    {
        _reading.Dispose();
        store.Dispose();
    }

    private async Task<Version?> FindVersionAsync(string key, CancellationToken cancellationToken)
    {
        StoreKey.Check(key);
        return (await ReadThenAsync(cancellationToken)).GetValueOrDefault(key);
    }

    private async Task<SortedDictionary<string, Version>> ReadThenAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return _then ??= await ReadVersionsAsync(cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<SortedDictionary<string, Version>> ReadVersionsAsync(CancellationToken cancellationToken)
    {
        if (!await store.HasVersionsAsync(cancellationToken))
            throw S3Problems.NoVersions(store.Name);
        SortedDictionary<string, Version> then = new(StringComparer.Ordinal);
        var settled = "";
        await foreach (var item in store.ListAllVersionsAsync("", cancellationToken))
        {
            var key = store.KeyOf(item.Key);
            if (
                item.LastModified is not { } at
                || new DateTimeOffset(at.ToUniversalTime()) is var writtenAt && writtenAt > asOf
            )
                continue; // came later
            if (key == settled || key.EndsWith('/'))
                continue; // an older one than what was current then; or a console's folder
            settled = key;
            if (item.IsDeleteMarker != true)
                then[key] = new Version(item.VersionId, new StoreObject(key, item.Size ?? 0, writtenAt));
        }
        return then;
    }

    private sealed record Version(string Id, StoreObject Object);
}
