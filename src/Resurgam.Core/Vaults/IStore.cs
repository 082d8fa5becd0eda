namespace Resurgam.Core.Vaults;

/// <summary>The place behind a vault: a folder, S3 or Azure Blob. An object is written once, whole, and never changed.</summary>
/// <remarks>
/// <para>
/// Keys are relative paths of <c>/</c>-separated segments of <c>[A-Za-z0-9._=@+-]</c>, none of them <c>.</c> or <c>..</c>.
/// The first is not <c>tmp</c>, and no key is a folder of another.
/// </para>
/// <para>
/// Contract, held by <c>StoreContract</c> for every implementation: when <see cref="PutAsync"/> returns, the object
/// survives a power cut; a reader sees all of an object or none of it; of several writers of one key exactly one is
/// told true. Thread-safe. Every failure is a <c>ResurgamException</c> whose remedy says whether a retry may help.
/// </para>
/// </remarks>
public interface IStore
{
    /// <summary>The place in words for messages, never with credentials: <c>file:///srv/vault</c>.</summary>
    string Name { get; }

    /// <summary>Creates an object.</summary>
    /// <returns>False when the key was taken; the object there is left as it was.</returns>
    Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <returns>The whole object, or null when there is none.</returns>
    Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Reads a range into <paramref name="buffer"/>.</summary>
    /// <returns>
    /// Number of bytes read: less than the buffer only at the end of the object; -1 when there is no such object.
    /// </returns>
    ValueTask<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <returns>Null when there is no such object.</returns>
    Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken);

    /// <summary>All objects whose key starts with <paramref name="prefix"/>, in ordinal order of the keys.</summary>
    IAsyncEnumerable<StoreObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an object; one that is absent is no error. For expiry, locks, and what was merged or joined, only.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

/// <param name="Key">As given to <see cref="IStore.PutAsync"/>.</param>
/// <param name="LengthBytes">Length of the object.</param>
/// <param name="WrittenAt">When the store took it, by the store's clock.</param>
public sealed record StoreObject(string Key, long LengthBytes, DateTimeOffset WrittenAt);
