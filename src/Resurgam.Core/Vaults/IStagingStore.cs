namespace Resurgam.Core.Vaults;

/// <summary>A store that can take the bytes of an object at once and make it durable afterwards.</summary>
public interface IStagingStore
{
    /// <summary>As <see cref="IStore.PutAsync"/>, in two steps: what waits for a disk then holds no memory of the caller's.</summary>
    /// <returns>When the outer task ends, <paramref name="bytes"/> are the caller's again; the inner one is the put.</returns>
    Task<Task<bool>> StageAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
