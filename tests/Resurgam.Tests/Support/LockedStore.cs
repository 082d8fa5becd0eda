using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>A store that lets nothing go: object lock, or credentials that may only write.</summary>
public sealed class LockedStore(IStore inner) : IStore
{
    public string Name => inner.Name;

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        inner.PutAsync(key, bytes, cancellationToken);

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        inner.FindAsync(key, cancellationToken);

    public ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    ) => inner.ReadAsync(key, offset, buffer, cancellationToken);

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        inner.HeadAsync(key, cancellationToken);

    public IAsyncEnumerable<StoreObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        throw StoreProblems.Refused(Name, $"delete {key}", new UnauthorizedAccessException("it is locked"));
}
