using System.Runtime.CompilerServices;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>A store before each of whose calls something else may happen, as somebody else's work would.</summary>
public sealed class MeetingStore(IStore inner, Func<Task> meetAsync) : IStore
{
    public string Name => inner.Name;

    public async Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await meetAsync();
        return await inner.PutAsync(key, bytes, cancellationToken);
    }

    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        await meetAsync();
        return await inner.FindAsync(key, cancellationToken);
    }

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        await meetAsync();
        return await inner.ReadAsync(key, offset, buffer, cancellationToken);
    }

    public async Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        await meetAsync();
        return await inner.HeadAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<StoreObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await meetAsync();
        await foreach (var item in inner.ListAsync(prefix, cancellationToken))
            yield return item;
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await meetAsync();
        await inner.DeleteAsync(key, cancellationToken);
    }
}
