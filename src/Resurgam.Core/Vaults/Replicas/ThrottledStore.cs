using Resurgam.Core.Values;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>A store that is asked for, and given, no more than so many bytes a second, over all its callers.</summary>
/// <remarks>
/// An object, or each part of one that goes in parts, waits until its turn and then goes as fast as it can: what is bounded is the mean over some seconds, as a
/// line's other users feel it. Listings and looks are free.
/// </remarks>
public sealed class ThrottledStore(IStore inner, ByteSize bytesPerSecond, TimeProvider time)
    : IStore,
        IPromisingStore,
        IVersionedStore
{
    private readonly Lock _gate = new();
    private DateTimeOffset _free = DateTimeOffset.MinValue;

    public string Name => inner.Name;

    public async Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (inner is IPacedStore paced)
            return await paced.PutAsync(key, bytes, WaitAsync, cancellationToken);
        await WaitAsync(bytes.Length, cancellationToken);
        return await inner.PutAsync(key, bytes, cancellationToken);
    }

    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var bytes = await inner.FindAsync(key, cancellationToken);
        await WaitAsync(bytes?.Length ?? 0, cancellationToken); // its length is known only now: the next one waits for it
        return bytes;
    }

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        await WaitAsync(buffer.Length, cancellationToken);
        return await inner.ReadAsync(key, offset, buffer, cancellationToken);
    }

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        inner.HeadAsync(key, cancellationToken);

    public IAsyncEnumerable<StoreObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        inner.DeleteAsync(key, cancellationToken);

    public Task<string?> FindBrokenPromiseAsync(string key, CancellationToken cancellationToken) =>
        inner is IPromisingStore promising
            ? promising.FindBrokenPromiseAsync(key, cancellationToken)
            : Task.FromResult<string?>(null);

    public IAsyncEnumerable<StoreVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) =>
        inner is IVersionedStore versioned
            ? versioned.ListVersionsAsync(prefix, cancellationToken)
            : AsyncEnumerable.Empty<StoreVersion>();

    public Task DeleteVersionAsync(StoreVersion version, CancellationToken cancellationToken) =>
        inner is IVersionedStore versioned
            ? versioned.DeleteVersionAsync(version, cancellationToken)
            : Task.CompletedTask;

    public Task<byte[]?> FindVersionAsync(StoreVersion version, CancellationToken cancellationToken) =>
        inner is IVersionedStore versioned
            ? versioned.FindVersionAsync(version, cancellationToken)
            : Task.FromResult<byte[]?>(null);

    public Task<DateTimeOffset?> FindLockedUntilAsync(StoreVersion version, CancellationToken cancellationToken) =>
        inner is IVersionedStore versioned
            ? versioned.FindLockedUntilAsync(version, cancellationToken)
            : Task.FromResult<DateTimeOffset?>(null);

    private async Task WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var turn = _free > now ? _free : now;
            _free = turn + TimeSpan.FromSeconds((double)bytes / bytesPerSecond.Bytes);
            wait = turn - now;
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }
}
