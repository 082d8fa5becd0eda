using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>A store that hands every call on; who derives from it changes some.</summary>
public abstract class PassingStore(IStore inner) : IStore
{
    public string Name => inner.Name;

    public virtual Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        inner.PutAsync(key, bytes, cancellationToken);

    public virtual Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        inner.FindAsync(key, cancellationToken);

    public ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    ) => inner.ReadAsync(key, offset, buffer, cancellationToken);

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        inner.HeadAsync(key, cancellationToken);

    public virtual IAsyncEnumerable<StoreObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, cancellationToken);

    public virtual Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        inner.DeleteAsync(key, cancellationToken);
}
